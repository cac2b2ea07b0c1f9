import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, Provider, Replica, Revision } from '../../gateway/core/ports.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { providers } from '../../gateway/providers/index.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { until } from '../helpers/until.ts'
import { median, rounded, type Report } from './report.ts'
import { functionImage, removeEverythingOf } from '../providers/docker-ground.ts'

// From nothing to the first answer of a function with the Node runtime, in milliseconds. The ways take turns, so that
// whatever else the machine does meets them all.

const runs = 20

const names = ['by hand', 'docker provider', 'no spare network', 'unpause by hand', 'paused'] as const
type Figures = Readonly<Record<(typeof names)[number], number[]>>

export async function coldBench(): Promise<Report> {
  if (!dockerHost)
    throw new Error('The cold bench needs the engine of the tests: SKEP_TEST_KEEP=1 npm test -- test/lab.')
  const image = await functionImage('probe')
  const plain = await open(image, 0)
  const held = await open(image, 1)
  try {
    return reportOf(await measure(image, plain, held))
  } finally {
    for (const one of [plain, held]) await close(one)
  }
}

async function measure(image: string, plain: Opened, held: Opened): Promise<Figures> {
  const unpause = ({ id }: Replica) => docker().getContainer(`${held.gateway}-${id}`).unpause()
  const ways: Record<keyof Figures, () => Promise<number>> = {
    'by hand': () => byHand(image),
    'docker provider': () => fromZero(held),
    'no spare network': () => fromZero(plain),
    'unpause by hand': () => fromPause(held, unpause),
    paused: () => fromPause(held, (replica) => held.provider.resume?.(replica)),
  }
  const figures: Figures = {
    'by hand': [],
    'docker provider': [],
    'no spare network': [],
    'unpause by hand': [],
    paused: [],
  }
  for (let run = 0; run < runs; run++) {
    for (const name of names) figures[name].push(await ways[name]())
  }
  return figures
}

function reportOf(figures: Figures): Report {
  const ms = (name: keyof Figures): number => median(figures[name])
  const ofPlain = rounded(ms('docker provider') / ms('by hand'))
  const overUnpause = Math.round(ms('paused') - ms('unpause by hand'))
  return {
    rows: names.map((name) => ({
      way: name,
      'median ms': Math.round(ms(name)),
      min: Math.round(Math.min(...figures[name])),
      max: Math.round(Math.max(...figures[name])),
    })),
    goals: [
      { goal: 'from zero, of create and start by hand: at most 0.7', measured: ofPlain, met: ofPlain <= 0.7 },
      { goal: 'paused, over the engine’s own unpause: at most 30 ms', measured: overUnpause, met: overUnpause <= 30 },
    ],
  }
}

interface Opened {
  readonly provider: Provider
  readonly revision: Revision
  readonly gateway: string
}

async function open(image: string, spares: number): Promise<Opened> {
  const gateway = `skep-bench-${process.pid}-${spares}`
  const provider = await providers.docker({ host: dockerHost ?? '', gateway, spares })
  const spec = FunctionSpec.parse({ name: 'cold', image })
  const revision = { id: 'cold-1', function: 'cold', number: 1, spec, createdAt: new Date().toISOString() }
  await provider.prepare(revision, () => {})
  const label = [`skep.gateway=${gateway}`, 'skep.role=holder']
  await until(async () => (await docker().listContainers({ filters: { label } })).length === spares)
  return { provider, revision, gateway }
}

async function close({ provider, revision, gateway }: Opened): Promise<void> {
  await provider.remove(revision)
  await provider.close()
  await removeEverythingOf(gateway)
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
