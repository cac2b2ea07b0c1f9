import { describe, expect, it } from 'vitest'
import { findingsOf, swarmFindings } from '../../cli/doctor/engine.ts'
import { clockFinding } from '../../cli/doctor/gateway.ts'
import { memoryFinding, processorFinding } from '../../cli/doctor/machine.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { needs } from '../helpers/needs.ts'
import { useOwnGateway } from '../helpers/own-gateway.ts'

const node = (isManager: boolean, isUp: boolean) => ({ name: 'n', isManager, isUp })
const swarm = (...nodes: ReturnType<typeof node>[]) => ({ isManager: true, nodes, error: '' })
const MiB = 2 ** 20

describe('skep doctor finds', () => {
  it.each([
    ['enough memory', memoryFinding(1024 * MiB, 500 * MiB), 'ok'],
    ['little memory', memoryFinding(1024 * MiB, 100 * MiB), 'warn'],
    ['no memory', memoryFinding(1024 * MiB, 10 * MiB), 'fail'],
    ['a processor that is tested', processorFinding('arm64'), 'ok'],
    ['another processor', processorFinding('arm'), 'warn'],
    [
      'clocks that agree',
      clockFinding('Sun, 22 Nov 2026 02:00:00 GMT', Date.UTC(2026, 10, 22, 2), Date.UTC(2026, 10, 22, 2)),
      'ok',
    ],
    [
      'a gateway that is late',
      clockFinding('Sun, 22 Nov 2026 01:59:00 GMT', Date.UTC(2026, 10, 22, 2), Date.UTC(2026, 10, 22, 2)),
      'warn',
    ],
    [
      'a gateway that is early',
      clockFinding('Sun, 22 Nov 2026 02:01:00 GMT', Date.UTC(2026, 10, 22, 2), Date.UTC(2026, 10, 22, 2)),
      'warn',
    ],
  ])('%s', (_, finding, state) => expect(finding).toMatchObject({ state }))

  it.each([
    ['an engine as it should be', { apiVersion: '1.41', limitsMemory: true }, ['ok', 'ok']],
    ['an old engine', { apiVersion: '1.39', limitsMemory: true }, ['fail', 'ok']],
    ['a kernel without memory limits', { apiVersion: '1.52', limitsMemory: false }, ['ok', 'fail']],
  ])('%s', (_, facts, states) => {
    const findings = findingsOf({ version: '1', swarm: undefined, ...facts })
    expect(findings.map(({ state }) => state)).toEqual(states)
  })

  it.each([
    ['no Swarm where none is needed', undefined, 'docker', []],
    ['no Swarm where one is needed', undefined, 'swarm', ['fail']],
    ['one manager alone', swarm(node(true, true), node(false, true)), 'swarm', ['ok', 'ok']],
    ['two managers of three', swarm(node(true, true), node(true, true), node(true, false)), 'swarm', ['warn', 'warn']],
    ['a worker that is down', swarm(node(true, true), node(false, false)), 'swarm', ['ok', 'warn']],
    ['no quorum', swarm(), 'swarm', ['fail']],
  ])('%s', (_, facts, place, states) => {
    expect(swarmFindings(facts, place).map(({ state }) => state)).toEqual(states)
  })
})

describe('skep doctor', () => {
  const own = useOwnGateway()
  const { folder, skep } = own

  const stateOf = (stdout: string, what: string) =>
    (JSON.parse(stdout) as { what: string; state: string }[]).find((finding) => finding.what === what)?.state

  it('says line by line what is well', async () => {
    const { stdout } = await skep('doctor')
    for (const what of ['engine', 'gateway', 'login', 'clock', 'queue', 'store']) {
      expect(stdout).toMatch(new RegExp(`^ok +${what} +\\S`, 'm'))
    }
  })

  it('says what is not, what to do, and ends with 1', async () => {
    const stranger = await folder.skep(['doctor'], { env: { OPENFAAS_URL: own.gateway.url } })
    expect(stranger.code).toBe(1)
    expect(stranger.stdout).toMatch(/^fail {2}login .*\n +→ skep login --gateway http/m)
    const gone = await folder.skep(['doctor', '-j'], {
      env: { OPENFAAS_URL: 'http://127.0.0.1:1', DOCKER_HOST: 'unix:///none' },
    })
    expect(gone.code).toBe(1)
    expect(stateOf(gone.stdout, 'gateway')).toBe('fail')
    expect(stateOf(gone.stdout, 'engine')).toBe('warn')
  })

  it('looks at the engine', needs('docker'), async () => {
    const { stdout } = await folder.skep(['doctor', '-j', '-g', 'http://127.0.0.1:1'], {
      env: { DOCKER_HOST: dockerHost ?? '' },
    })
    expect(stateOf(stdout, 'engine')).toBe('ok')
  })
})
