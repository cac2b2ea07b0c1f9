import { afterAll, describe, expect, it } from 'vitest'
import { findingsOf } from '../../cli/install/findings.ts'
import type { Ground } from '../../cli/install/ground.ts'
import { cliFolder } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'

const node = { name: 'pi', role: 'manager', architecture: 'aarch64', state: 'ready', address: '10.0.0.2' }
const ground: Ground = {
  engine: '28.5',
  isManager: true,
  isWorker: false,
  limitsMemory: true,
  architecture: 'aarch64',
  nodes: [node],
}
const verdictOf = (check: string, found: Ground) => findingsOf(found).find((finding) => finding.check === check)

describe('what an install finds', () => {
  it('is good on a manager with a 64-bit system', () => {
    expect(findingsOf(ground).every(({ verdict }) => verdict === 'good')).toBe(true)
  })

  it('stops at a worker, and says where to go', () => {
    const found = verdictOf('swarm', { ...ground, isManager: false, isWorker: true, nodes: [] })
    expect(found).toMatchObject({ verdict: 'stop', fix: 'Run "skep install" on a manager.' })
  })

  it('tells how a Raspberry Pi learns to keep limits of memory', () => {
    const found = verdictOf('memory', { ...ground, limitsMemory: false })
    expect(found).toMatchObject({ verdict: 'warning', fix: expect.stringContaining('/boot/firmware/cmdline.txt') })
  })

  it.each([
    ['manager', 'armv7l', 'ready', 'stop'],
    ['worker', 'armv7l', 'ready', 'warning'],
    ['worker', 'x86_64', 'down', 'warning'],
  ])('takes a %s with %s that is %s for: %s', (role, architecture, state, verdict) => {
    const found = verdictOf('pi', { ...ground, nodes: [{ ...node, role, architecture, state }] })
    expect(found?.verdict).toBe(verdict)
  })
})

describe('skep install', needs('docker'), () => {
  const cli = cliFolder()
  afterAll(cli.remove)
  const env = { DOCKER_HOST: dockerHost ?? '' }

  it('says what to do where no engine answers', async () => {
    const looked = await cli.skep(['install', '--dry-run'], { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })
    expect(looked).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: Start it') })
  })

  it('only looks with --dry-run, and makes no Swarm without being asked to', async () => {
    const looked = await cli.skep(['install', '--dry-run'], { env })
    expect(looked).toMatchObject({ code: 0, stdout: 'Nothing was changed.\n' })
    expect(looked.stderr).toContain('swarm: none yet. `docker swarm init` makes one.')
    expect(await cli.skep(['install'], { env })).toMatchObject({ code: 2 })
    const { Swarm } = (await docker().info()) as { Swarm: { LocalNodeState: string } }
    expect(Swarm.LocalNodeState).toBe('inactive')
  })
})
