import { asSkepError, SkepError } from './errors.ts'
import type { FleetParts } from './fleet-parts.ts'
import type { WarmRequest } from './policy.ts'
import type { Carrier, ProbeOptions } from './carrier.ts'
import type { Provider, Replica, Revision } from './ports.ts'
import { isWarm } from './warm-up.ts'

const lastLines = 20
const readLimitMs = 2000

export interface Newcomer {
  readonly revision: Revision
  readonly replica: Replica
  readonly warm: WarmRequest | undefined
}

/** Resolves when a new replica may have traffic: it is ready, and warm where that is asked for. Else rejects with its last lines. */
export async function welcome(parts: FleetParts, newcomer: Newcomer, options: ProbeOptions): Promise<void> {
  try {
    await getReady(parts.carrier, newcomer, options)
  } catch (error) {
    throw options.signal.aborted ? error : await withLastLines(parts.provider, newcomer, asSkepError(error))
  }
}

async function getReady(carrier: Carrier, newcomer: Newcomer, options: ProbeOptions): Promise<void> {
  const { signal, protocol } = options
  const deadline = performance.now() + options.timeoutMs
  for (let { timeoutMs } = options; ; timeoutMs = Math.max(Math.ceil(deadline - performance.now()), 1)) {
    await carrier.probe(newcomer.replica.address, { ...options, timeoutMs })
    if (!newcomer.warm) return
    const leftMs = Math.max(deadline - performance.now(), 1)
    if (await isWarm(carrier, newcomer, { ...newcomer.warm, timeoutMs: leftMs, signal, protocol })) return
  }
}

/** Log lines may hold secrets: they are a detail, which only who has credentials sees. */
async function withLastLines(
  provider: Provider,
  { revision, replica }: Newcomer,
  error: SkepError,
): Promise<SkepError> {
  const { code, message, hint, retryAfterSeconds } = error
  const lines = error.detail === undefined ? [] : [error.detail]
  const only = { function: revision.function, replica: replica.id, tail: lastLines, follow: false }
  const query = { ...only, signal: AbortSignal.timeout(readLimitMs) }
  try {
    for await (const { text } of provider.logs(query)) lines.push(text)
  } catch {
    // The failure itself is what is to be told, with or without them.
  }
  return new SkepError(code, message, { cause: error, hint, retryAfterSeconds, detail: lines.join('\n') || undefined })
}
