import type { IncomingMessage } from 'node:http'
import { SkepError } from '../core/errors.ts'
import type { PushOptions } from '../core/queue.ts'
import { parseDuration } from '../core/units.ts'

const longestKey = 256

/** What `X-Delay`, `X-Run-At`, `X-Priority` and `Idempotency-Key` ask for, or `invalid_request`. */
export function pushOptionsOf({ headers }: IncomingMessage): PushOptions {
  const idempotencyKey = given(headers['idempotency-key'])
  if (idempotencyKey !== undefined && idempotencyKey.length > longestKey) {
    throw invalid('Idempotency-Key', `at most ${longestKey} bytes`)
  }
  return { idempotencyKey, delayMs: delayOf(headers), priority: priorityOf(given(headers['x-priority'])) }
}

function delayOf(headers: IncomingMessage['headers']): number | undefined {
  const [delay, runAt] = [given(headers['x-delay']), given(headers['x-run-at'])]
  if (delay !== undefined) {
    const ms = parseDuration(delay)
    if (ms === undefined) throw invalid('X-Delay', 'a duration such as 30s or 1h30m')
    return ms
  }
  if (runAt === undefined) return undefined
  const at = Date.parse(runAt)
  if (Number.isNaN(at)) throw invalid('X-Run-At', 'a time such as 2030-01-31T08:00:00Z')
  return Math.max(at - Date.now(), 0)
}

function priorityOf(priority: string | undefined): number | undefined {
  if (priority === undefined) return undefined
  if (!/^\d$/.test(priority)) throw invalid('X-Priority', '0 to 9; higher goes first')
  return Number(priority)
}

/** Of several, Node gives the values with commas between them, and then none of them is right. */
const given = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

const invalid = (header: string, use: string): SkepError =>
  new SkepError('invalid_request', `${header} is not right.`, { hint: `Use ${use}.` })
