import { Agent, request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** One call and what came of it; times as `performance.now` tells them. */
export interface SteadyCall {
  /** When it was due: a client that is late adds its own delay to the time it took. */
  readonly at: number
  readonly endedAt: number
  readonly status: number
  /** The function's own VERSION. */
  readonly version: string
  /** What was wrong with the answer. */
  readonly problem?: string
}

export interface SteadyLoad {
  /** All that have ended, in that order. */
  readonly calls: readonly SteadyCall[]
  /** Resolves when the last one has been answered. */
  stop(): Promise<void>
}

const largestBody = 4096
const everyMs = 4
/** Where a machine cannot keep up, more calls at a time would only make that worse; those that are due wait, and it counts. */
const mostAtATime = 300
/** Bodies are pieces of it. */
const noise = randomBytes(64 * 1024)

/**
 * Calls at a constant rate, whatever becomes of the calls before (an open loop: a client that waits for answers hides
 * how long others would have waited). Each is a POST, which nobody may repeat, and must come back byte for byte. Every
 * other one has a connection of its own.
 */
export function startSteadyLoad(url: string, perSecond: number): SteadyLoad {
  const kept = new Agent({ keepAlive: true })
  const calls: SteadyCall[] = []
  const startedAt = performance.now()
  let begun = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1000
    while (begun < due && begun - calls.length < mostAtATime) {
      const at = startedAt + (begun * 1000) / perSecond
      const agent = begun % 2 === 0 ? kept : false
      const body = bodyOf(begun++)
      void call(url, agent, body).then((answer) => calls.push({ at, endedAt: performance.now(), ...answer }))
    }
  }, everyMs)
  return {
    calls,
    async stop() {
      clearInterval(timer)
      while (calls.length < begun) await sleep(20)
      kept.destroy()
    },
  }
}

/** Never the same: its number, and as much noise as the number says. */
function bodyOf(n: number): Buffer {
  const start = (n * 7919) % (noise.length - largestBody)
  return Buffer.concat([Buffer.from(`${n} `), noise.subarray(start, start + ((n * 31) % largestBody))])
}

type Answer = Pick<SteadyCall, 'status' | 'version' | 'problem'>

function call(url: string, agent: Agent | false, body: Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ status: 0, version: '', problem: error.message })
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length }
    const sent: ClientRequest = request(url, { method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', failed)
      answer.on('end', () => resolve(judge(answer, Buffer.concat(parts), body)))
    })
    sent.on('error', failed).end(body)
  })
}

function judge({ statusCode: status = 0, headers }: IncomingMessage, got: Buffer, sent: Buffer): Answer {
  const version = String(headers['x-version'] ?? '')
  if (status !== 200) return { status, version, problem: `${status} ${got.toString().slice(0, 200)}` }
  return got.equals(sent) ? { status, version } : { status, version, problem: 'other bytes came back' }
}
