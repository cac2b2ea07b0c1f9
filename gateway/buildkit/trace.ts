import { Steps } from './steps.ts'
import { type Message, readMessage } from './wire.ts'

/** One line of what an engine says while it builds. */
export interface BuilderMessage {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
  /** With an error: the step that failed, and the last that it printed. Others may have gone on beside it. */
  readonly failed?: readonly string[] | undefined
  readonly aux?: unknown
}

/** The fields' numbers are those of BuildKit's control.proto. */
const status = { steps: 1, layers: 2, logs: 3 }
const layer = { id: 1, current: 4, total: 5 }

/**
 * Tells what BuildKit says as the classic builder would: its steps and what they print as `stream`, what it pulls as layers.
 * What the classic builder says goes through as it is.
 */
export function traceReader(): (message: BuilderMessage) => readonly BuilderMessage[] {
  const steps = new Steps()
  return (message) => {
    if (message.error !== undefined) return [{ ...message, failed: steps.failed(message.error) }]
    if (message.id !== 'moby.buildkit.trace') return [message]
    const said = readMessage(Buffer.from(String(message.aux), 'base64'))
    const lines = [
      ...said.parts(status.steps).flatMap((step) => steps.begin(step)),
      ...said.parts(status.logs).flatMap((log) => steps.print(log)),
      ...said.parts(status.steps).flatMap((step) => steps.end(step)),
    ]
    return [...said.parts(status.layers).flatMap(pulled), ...lines.map((stream) => ({ stream }))]
  }
}

function pulled(message: Message): BuilderMessage[] {
  const total = message.whole(layer.total)
  if (total === 0) return []
  return [{ id: message.text(layer.id), progressDetail: { current: message.whole(layer.current), total } }]
}
