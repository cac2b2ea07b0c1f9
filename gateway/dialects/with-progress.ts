import { asSkepError, failureBody } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import type { Progress } from '../core/progress.ts'

/** `signal` aborts when the caller leaves, for work that is of use to nobody else. */
type Work = (progress: Progress, signal: AbortSignal) => Promise<object>

/** One JSON line for each step of long work, then `{"done": …}` or `{"error": …}`. */
export function withProgress(log: Log, work: Work): Response {
  const encoder = new TextEncoder()
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const left = new AbortController()
  writer.closed.catch(() => left.abort())
  const say = (line: object): Promise<void> => writer.write(encoder.encode(JSON.stringify(line) + '\n')).catch(() => {})
  const run = async (): Promise<void> => {
    try {
      await say({ done: await work((message) => void say({ message }), left.signal) })
    } catch (error) {
      const failure = asSkepError(error)
      if (failure.code === 'internal') log.error('request failed', { error: failure.cause })
      await say({ error: failureBody(failure, true) })
    }
    await writer.close().catch(() => {})
  }
  void run()
  return new Response(readable, { headers: { 'Content-Type': 'application/x-ndjson' } })
}
