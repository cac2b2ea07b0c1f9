import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { queues } from '../../gateway/queues/index.ts'
import { startRedis } from '../helpers/redis.ts'
import { needPrograms } from './programs.ts'
import { bullSpeed, queueSpeed } from './queue-rivals.ts'
import type { QueueSpeed } from './queue-rivals.ts'
import { measureHttp } from './queue-http.ts'
import type { HttpFigures } from './queue-http.ts'
import { median, rounded } from './report.ts'
import type { Goal, Report } from './report.ts'

const rounds = 5
const calls = 20_000

/** Every write is on the disk before it is answered: the durability at which no call is lost. */
const durable = ['--appendonly', 'yes', '--appendfsync', 'always'] as const

/** Queues of Skep beside BullMQ on the same Redis, then through the gateway beside its own synchronous path. */
export async function queueBench(): Promise<Report> {
  needPrograms({ wrk: 'wrk', 'redis-server': 'redis-server', taskset: 'util-linux' })
  const queueFigures = await measureQueues()
  const redis = await startRedis(...durable)
  const overEmbedded = await measureHttp({ SKEP_QUEUE: 'embedded' })
  const overRedis = await measureHttp({ SKEP_QUEUE: 'redis', SKEP_REDIS_URL: redis.url })
  await redis.stop()
  return {
    rows: [
      ...Object.entries(queueFigures).map(([name, speeds]) => queueRow(name, speeds)),
      httpRow('gateway, embedded', overEmbedded),
      httpRow('gateway, redis', overRedis),
    ],
    goals: [...queueGoals(queueFigures), ...httpGoals('embedded', overEmbedded), ...httpGoals('redis', overRedis)],
  }
}

type QueueFigures = Readonly<Record<'bullmq' | 'redis' | 'embedded', QueueSpeed[]>>

async function measureQueues(): Promise<QueueFigures> {
  const figures: QueueFigures = { bullmq: [], redis: [], embedded: [] }
  const folder = await mkdtemp(join(tmpdir(), 'skep-bench-'))
  for (let round = 0; round < rounds; round++) {
    const server = await startRedis(...durable)
    figures.bullmq.push(await bullSpeed(server.url, calls))
    const overRedis = await queues.redis(server.url)
    figures.redis.push(await queueSpeed(overRedis, calls))
    await overRedis.close()
    await server.stop()
    const embedded = await queues.embedded(join(folder, `${round}.db`))
    figures.embedded.push(await queueSpeed(embedded, calls))
    await embedded.close()
  }
  await rm(folder, { recursive: true })
  return figures
}

const medianOf = (speeds: readonly QueueSpeed[], what: keyof QueueSpeed): number =>
  median(speeds.map((speed) => speed[what]))

function queueRow(name: string, speeds: readonly QueueSpeed[]): Report['rows'][number] {
  const pushed = Math.round(medianOf(speeds, 'pushed'))
  return {
    what: name,
    'pushed/s': pushed,
    'drained/s': Math.round(medianOf(speeds, 'drained')),
    'sync/s': '',
    'start ms': '',
  }
}

function httpRow(name: string, { accepted, synchronous, startMs }: HttpFigures): Report['rows'][number] {
  return {
    what: name,
    'pushed/s': Math.round(median(accepted)),
    'drained/s': '',
    'sync/s': Math.round(median(synchronous)),
    'start ms': rounded(median(startMs)),
  }
}

function queueGoals({ bullmq, redis }: QueueFigures): Goal[] {
  return (['pushed', 'drained'] as const).map((what) => {
    const ratio = rounded(median(redis.map((speed, round) => speed[what] / (bullmq[round]?.[what] ?? NaN))))
    return { goal: `${what} in Redis, of BullMQ: at least 1`, measured: ratio, met: ratio >= 1 }
  })
}

function httpGoals(name: string, { accepted, synchronous, startMs }: HttpFigures): Goal[] {
  const ratio = rounded(median(accepted.map((perSecond, round) => perSecond / (synchronous[round] ?? NaN))))
  const ms = rounded(median(startMs))
  return [
    { goal: `${name}: accepted over HTTP, of the synchronous path: at least 0.8`, measured: ratio, met: ratio >= 0.8 },
    { goal: `${name}: from 202 to the start, idle: under 5 ms`, measured: ms, met: ms < 5 },
  ]
}
