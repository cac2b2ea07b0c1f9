import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestGateway } from '../helpers/gateway.ts'
import { until } from '../helpers/until.ts'

const preload = fileURLToPath(new URL('../helpers/dying-gateway.ts', import.meta.url))

/** Says its version, and with an error if that is a bad one. */
const handler = `const { VERSION } = process.env
module.exports = async (event, context) => context.status(VERSION === 'bad' ? 500 : 200).succeed(VERSION)`

interface Revision {
  readonly number: number
  readonly weight: number
  readonly availableReplicas: number
}

describe('a gateway that is killed', () => {
  let folder: string
  let gateway: TestGateway
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skep-killed-'))
    writeFileSync(join(folder, 'handler.js'), handler)
    gateway = await TestGateway.start({
      SKEP_PROVIDER: 'process',
      SKEP_KEEP_REVISIONS: '0',
      SKEP_TEST_DIES_AT: join(folder, 'step'),
      NODE_OPTIONS: `--import=${preload}`,
    })
  })
  afterAll(async () => {
    // Those of a test that failed: replicas outlive their gateway.
    const left = (await (await gateway.admin('GET', '/system/functions')).json()) as { name: string }[]
    for (const { name } of left) await gateway.admin('DELETE', '/system/functions', { functionName: name })
    await gateway.stop()
    await rm(folder, { recursive: true })
  })

  const deploy = (service: string, VERSION: string, more: object = {}): Promise<unknown> => {
    const spec = { image: `dir:${folder}`, runtime: 'node', envVars: { VERSION }, scale: { min: 1 } }
    return gateway.admin('POST', '/system/functions', { service, ...spec, ...more })
  }
  const version = async (service: string): Promise<string> => (await gateway.call(service)).text()
  const revisions = async (service: string): Promise<Revision[]> =>
    (await (await gateway.admin('GET', `/system/revisions/${service}`)).json()) as Revision[]
  /** Does the work, in which the gateway dies at the step. */
  const dieAt = async (step: string, work: () => Promise<unknown>): Promise<void> => {
    const { pid } = gateway
    writeFileSync(join(folder, 'step'), step)
    await work().catch(() => {}) // its caller hears nothing more
    await until(() => hasEnded(pid))
    rmSync(join(folder, 'step'))
    await gateway.startAgain()
  }
  const runningOf = (service: string): string[] =>
    replicasBelow(join(gateway.dataDir, 'process/replicas')).filter((id) => id.startsWith(service))
  const keptOf = (service: string): string[] =>
    readdirSync(join(gateway.dataDir, 'process/revisions')).filter((id) => id.includes(`${service}-`))
  /** Nothing runs, and nothing is kept, but the revisions that the gateway shows. */
  const holdsNothingElse = (service: string): Promise<unknown> =>
    until(async () => {
      const shown = await revisions(service)
      const replicas = shown.reduce((sum, { availableReplicas }) => sum + availableReplicas, 0)
      return runningOf(service).length === replicas && keptOf(service).length === shown.length && replicas > 0
    })
  /** To its end: the next test’s gateway would die of a step of this. */
  const remove = async (service: string): Promise<void> => {
    await gateway.admin('DELETE', '/system/functions', { functionName: service })
    await until(() => runningOf(service).length + keptOf(service).length === 0)
  }

  it.each([
    ['before provider.digestOf', '1'],
    ['after provider.digestOf', '1'],
    ['before provider.prepare', '1'],
    ['after provider.prepare', '1'],
    ['before provider.scale', '1'],
    ['after provider.scale', '1'],
    ['before store.put', '1'],
    ['after store.put', '2'],
    ['before provider.retire', '2'],
    ['after provider.retire', '2'],
    ['before provider.remove', '2'],
    ['after provider.remove', '2'],
  ])('%s of a deploy leaves version %s whole, and nothing of the other', async (step, wanted) => {
    const service = step.replace(/\W/g, '-').toLowerCase()
    await deploy(service, '1')
    await dieAt(step, () => deploy(service, '2'))
    expect(await version(service)).toBe(wanted)
    expect(await revisions(service)).toMatchObject([{ number: Number(wanted), weight: 100 }])
    await holdsNothingElse(service)
    await deploy(service, '3')
    expect(await version(service)).toBe('3')
    await remove(service)
  })

  it.each([
    ['after store.put', 'good'], // it has its share
    ['before store.put 2', 'good'], // it was about to be promoted
    ['after store.put 2', 'good'],
    ['after store.put', 'bad'],
    ['before store.put 2', 'bad'], // it was about to be rolled back
    ['after store.put 2', 'bad'],
  ])('%s of a canary that is %s leaves what is stable, and the next gateway decides', async (step, kind) => {
    const service = `canary-${step.replace(/\W/g, '-')}-${kind}`
    // By its errors alone: on a busy machine the times of so few calls say nothing.
    const canary = { steps: [50], every: '500ms', 'min-requests': 5, 'max-p95': 1000 }
    await deploy(service, 'stable')
    await dieAt(step, async () => {
      await deploy(service, kind, { canary })
      for (;;) await version(service)
    })
    const shown = await revisions(service)
    expect(shown.reduce((sum, { weight }) => sum + weight, 0)).toBe(100)
    const winner = kind === 'good' ? 2 : 1
    await until(async () => {
      for (let i = 0; i < 10; i++) await version(service)
      return (await revisions(service)).find(({ number }) => number === winner)?.weight === 100
    })
    expect(await version(service)).toBe(kind === 'good' ? 'good' : 'stable')
    await remove(service)
  })
})

function hasEnded(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return true
  }
}

/** Ids of the replicas whose processes run now: each has its working directory below its own folder. */
function replicasBelow(folder: string): string[] {
  const directories = readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readlinkSync(`/proc/${pid}/cwd`)] : []
    } catch {
      return [] // it has just ended
    }
  })
  const inside = directories.filter((directory) => directory.startsWith(`${folder}/`))
  return [...new Set(inside.map((directory) => directory.slice(folder.length + 1).split('/', 1)[0] ?? ''))]
}
