import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestGateway } from '../helpers/gateway.ts'
import { measuredCore, outputOf, startOn } from './programs.ts'
import { wrk } from './wrk.ts'

export interface HttpFigures {
  /** Calls per second, round by round: answered with 202, and answered by the function. */
  readonly accepted: number[]
  readonly synchronous: number[]
  /** From the 202 at the caller to the start of the function, one call at a time. */
  readonly startMs: number[]
}

const rounds = 5
const seconds = 2
const connections = 64
const idleCalls = 100

/** A real gateway with one warm function; what was accepted runs meanwhile, as it would. */
export async function measureHttp(settings: Readonly<Record<string, string>>): Promise<HttpFigures> {
  const gateway = await TestGateway.start({ ...settings, SKEP_QUEUE_MAX: '2Gi', SKEP_LOG_LEVEL: 'info' })
  const image = `dir:${resolve('test/fixtures/functions/clock')}`
  await gateway.admin('POST', '/system/functions', {
    service: 'clock',
    image,
    runtime: 'node',
    scale: { min: 1, max: 1 },
  })
  await outputOf(startOn(measuredCore, ['taskset', '-acp', String(measuredCore), String(gateway.pid)]))
  const figures: HttpFigures = { accepted: [], synchronous: [], startMs: [] }
  for (let round = 0; round < rounds; round++) {
    figures.synchronous.push(await load(`${gateway.url}/function/clock`))
    figures.accepted.push(await load(`${gateway.url}/async-function/clock`))
    await gateway.admin('POST', '/system/async/cancel', { all: true })
    await gateway.admin('POST', '/system/async/purge', { all: true })
  }
  for (let call = 0; call < idleCalls; call++) figures.startMs.push(await startMs(gateway.url))
  await gateway.admin('DELETE', '/system/functions', { functionName: 'clock' })
  await gateway.stop()
  return figures
}

async function load(url: string): Promise<number> {
  const script = fileURLToPath(new URL('post-1k.lua', import.meta.url))
  const { requestsPerSecond, errors } = await wrk(url, connections, seconds, { script })
  if (errors > 0) throw new Error(`${errors} requests to ${url} failed.`)
  return requestsPerSecond
}

/** The function answers with the machine's clock. */
async function startMs(url: string): Promise<number> {
  await sleep(5) // idle again
  const { headers } = await fetch(`${url}/async-function/clock`, { method: 'POST', body: 'x' })
  const accepted = process.hrtime.bigint()
  const shown = await fetch(`${url}/async-function/${headers.get('X-Call-Id')}?wait=20s`)
  const { answer } = (await shown.json()) as { answer: { body: string } }
  return Number(BigInt(answer.body) - accepted) / 1e6
}
