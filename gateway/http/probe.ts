import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../core/errors.ts'
import type { ProbeOptions } from '../core/carrier.ts'
import type { Address } from '../core/ports.ts'
import { ask } from './ask.ts'
import { brokenBody, isWatchdogsHealth, isWatchdogsReady } from './watchdog.ts'

/** A packet lost while the network is being set up is sent again after a second; a new connection is faster. */
const firstConnectMs = 100
/** What may have said too early that it is ready has this long to die of a mistake, when nobody waits for it. */
const patienceMs = 2000

/** Answers of a server that is there but asks for patience. */
const notYet: ReadonlySet<string> = new Set(['429', '502', '503', '504'])
const statusLineBytes = 'HTTP/1.1 200'.length
/** Our runtimes say so when waiting is of no use; the reason follows. */
const cannotLoad = 'cannot load: '
const longestText = 4096

/** `watchdog`: that is only the word of what stands before the function. */
export type Readiness = 'function' | 'watchdog'

type Look = { readonly ready: Readiness } | { readonly refusal: string }

interface Limits {
  readonly connectMs: number
  readonly answerMs: number
  readonly signal: AbortSignal
}

/**
 * Asks until the function is ready; one that knows none of the paths is ready when it answers at all.
 * Asks every few milliseconds at first and less often the longer it takes, so that waiting costs a twentieth at most.
 */
export async function probe(address: Address, { timeoutMs, signal, patient }: ProbeOptions): Promise<Readiness> {
  const start = performance.now()
  for (;;) {
    signal.throwIfAborted()
    const elapsedMs = performance.now() - start
    const limits = { connectMs: firstConnectMs + elapsedMs / 4, answerMs: Math.max(timeoutMs - elapsedMs, 1), signal }
    const seen = await look(address, limits)
    if ('ready' in seen) {
      if (patient && seen.ready === 'watchdog') await sleep(patienceMs, undefined, { signal })
      return seen.ready
    }
    if (seen.refusal.startsWith(cannotLoad)) throw startFailed(seen.refusal)
    if (performance.now() - start >= timeoutMs) throw startTimeout(timeoutMs, seen.refusal)
    await sleep(5 + elapsedMs / 20, undefined, { signal }).catch(() => {}) // aborted: said at the top of the loop
  }
}

/** Who is ready, or the reason why nobody is, as a clause. */
async function look(address: Address, limits: Limits): Promise<Look> {
  const health = await get(address, '/_/health', limits)
  if ('refusal' in health) return health
  const isWatchdog = isWatchdogsHealth(health.text)
  const ready = await get(address, '/_/ready', limits, isWatchdog ? brokenBody : undefined)
  if ('refusal' in ready) return ready
  return { ready: isWatchdog && isWatchdogsReady(ready.text) ? 'watchdog' : 'function' }
}

async function get(
  address: Address,
  path: string,
  limits: Limits,
  { header, body } = { header: '', body: '' },
): Promise<{ readonly text: string } | { readonly refusal: string }> {
  const request = `GET ${path} HTTP/1.1\r\nHost: ${address.host}\r\nConnection: close\r\n${header}\r\n${body}`
  const { text, trouble } = await ask({ address, request, ...limits, isEnough })
  const refusal = refusalIn(text, trouble)
  return refusal === undefined ? { text } : { refusal }
}

/** A head is enough of a good answer; of another one the reason is wanted, which stands behind it. */
function isEnough(text: string): boolean {
  if (text.length < statusLineBytes && 'HTTP/'.startsWith(text.slice(0, 5))) return false
  if (!text.startsWith('HTTP/') || text.length > longestText) return true
  return !notYet.has(text.slice(9, 12)) && text.includes('\r\n\r\n')
}

function refusalIn(text: string, trouble = ''): string | undefined {
  const [, said = ''] = text.split('\r\n\r\n', 2)
  if (said.startsWith(cannotLoad)) return Buffer.from(said, 'latin1').toString()
  if (text.length < statusLineBytes && (text === '' || 'HTTP/'.startsWith(text.slice(0, 5)))) return trouble
  return notYet.has(text.slice(9, 12)) ? `it answers ${text.slice(9, 12)}` : undefined
}

const startFailed = (detail: string): SkepError =>
  new SkepError('start_failed', 'The handler of the function cannot be loaded.', {
    hint: 'Correct it and deploy the function again.',
    detail,
  })

const startTimeout = (timeoutMs: number, refusal: string): SkepError =>
  new SkepError('start_timeout', `The function was not ready after ${timeoutMs / 1000} s: ${refusal}.`, {
    hint: 'See why in its log, or raise scale.start-timeout.',
    retryAfterSeconds: 1,
  })
