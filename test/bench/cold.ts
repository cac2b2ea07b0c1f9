import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, Provider, Replica, Revision } from '../../gateway/core/ports.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { providers } from '../../gateway/providers/index.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { until } from '../helpers/until.ts'
import { functionImage, removeEverythingOf } from '../providers/docker-ground.ts'

// From nothing to the first answer of a function with the Node runtime, in milliseconds. The ways take turns, so that
// whatever else the machine does meets them all.

const runs = 20

export async function benchCold() {
  const image = await functionImage('probe')
  const name = `skep-bench-${process.pid}`
  const plain = await open(image, `${name}-a`, 0)
  const held = await open(image, `${name}-b`, 1)
  const ways: Record<string, () => Promise<number>> = {
    'create and start by hand': () => byHand(image),
    'docker provider, no spare network': () => fromZero(plain),
    'docker provider': () => fromZero(held),
    'unpause by hand': () => fromPause(held, ({ id }) => docker().getContainer(`${held.gateway}-${id}`).unpause()),
    'docker provider, paused': () => fromPause(held, (replica) => held.provider.resume?.(replica)),
  }
  const figures = new Map(Object.keys(ways).map((name) => [name, [] as number[]]))
  for (let run = 0; run < runs; run++) {
    for (const [name, way] of Object.entries(ways)) figures.get(name)?.push(await way())
  }
  for (const { provider, revision, gateway } of [plain, held]) {
    await provider.remove(revision)
    await provider.close()
    await removeEverythingOf(gateway)
  }
  return Object.fromEntries([...figures].map(([name, all]) => [name, summary(all)]))
}

interface Opened {
  readonly provider: Provider
  readonly revision: Revision
  readonly gateway: string
}

async function open(image: string, gateway: string, spares: number): Promise<Opened> {
  const provider = await providers.docker({ host: dockerHost ?? '', gateway, spares })
  const spec = FunctionSpec.parse({ name: 'cold', image })
  const revision = { id: 'cold-1', function: 'cold', number: 1, spec, createdAt: new Date().toISOString() }
  await provider.prepare(revision, () => {})
  const label = [`skep.gateway=${gateway}`, 'skep.role=holder']
  await until(async () => (await docker().listContainers({ filters: { label } })).length === spares)
  return { provider, revision, gateway }
}

async function byHand(Image: string): Promise<number> {
  const start = performance.now()
  const container = await docker().createContainer({ Image })
  await container.start()
  const { NetworkSettings } = await container.inspect()
  await firstAnswer({ host: NetworkSettings.Networks['bridge']?.IPAddress ?? '', port: 8080 })
  const ms = performance.now() - start
  await container.remove({ force: true })
  return ms
}

async function fromZero({ provider, revision }: Opened): Promise<number> {
  const start = performance.now()
  let address: Address | undefined
  const leave = provider.watch((event) => event.type === 'up' && (address = event.replica.address))
  await provider.scale(revision, 1)
  if (!address) throw new Error('No replica came up.')
  await firstAnswer(address)
  const ms = performance.now() - start
  leave()
  await provider.scale(revision, 0)
  return ms
}

/** `resume` leaves the replica answering. */
async function fromPause(
  { provider, revision }: Opened,
  resume: (replica: Replica) => Promise<unknown> | undefined,
): Promise<number> {
  await provider.scale(revision, 1)
  const [replica] = await provider.replicas()
  if (!replica) throw new Error('No replica came up.')
  await firstAnswer(replica.address)
  await provider.pause?.(replica)
  const start = performance.now()
  await resume(replica)
  await firstAnswer(replica.address)
  const ms = performance.now() - start
  await provider.scale(revision, 0)
  return ms
}

async function firstAnswer(address: Address): Promise<void> {
  while (!(await answers(address))) await sleep(2)
}

const answers = ({ host, port }: Address): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ host, port, path: '/', agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(true))
    })
    asked.on('error', () => resolve(false)).end()
  })

function summary(all: readonly number[]): { median: number; min: number; max: number } {
  const [min = NaN, ...more] = all.map(Math.round).toSorted((a, b) => a - b)
  return { median: [min, ...more][Math.floor(all.length / 2)] ?? NaN, min, max: more.at(-1) ?? min }
}

if (import.meta.main) console.table(await benchCold())
