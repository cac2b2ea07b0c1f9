import { type Message, readMessage } from './wire.ts'

/** One line of what an engine says while it builds. */
export interface BuilderMessage {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
  /** With an error: the step that failed, and what it printed. Others may have gone on beside it. */
  readonly failed?: readonly string[]
  readonly aux?: unknown
}

/** BuildKit's own way to the files, which tells nobody anything. */
const noise = /^\[internal\] |^copy \/context /

/** The fields' numbers are those of BuildKit's control.proto. */
const status = { steps: 1, layers: 2, logs: 3 }
const step = { digest: 1, name: 3, cached: 4, started: 5, completed: 6, error: 7 }
const layer = { id: 1, current: 4, total: 5 }
const log = { step: 1, text: 4 }
const time = { seconds: 1, nanos: 2 }

interface Step {
  readonly name: string
  readonly printed: string[]
  /** The begin of a line whose end has not come yet. */
  rest: string
  ended: boolean
  error: string
}

/**
 * Tells what BuildKit says as the classic builder would: its steps and what they print as `stream`, what it pulls as layers.
 * What the classic builder says goes through as it is.
 */
export function traceReader(): (message: BuilderMessage) => readonly BuilderMessage[] {
  const steps = new Map<string, Step>()

  const begin = (message: Message): BuilderMessage[] => {
    const digest = message.text(step.digest)
    const name = message.text(step.name)
    if (steps.has(digest) || message.parts(step.started).length === 0) return []
    const cached = message.whole(step.cached) === 1
    steps.set(digest, { name, printed: [], rest: '', ended: cached, error: '' })
    return noise.test(name) ? [] : [{ stream: cached ? `${name} (from the cache)` : name }]
  }

  const print = (message: Message): BuilderMessage[] => {
    const printing = steps.get(message.text(log.step))
    const lines = ((printing?.rest ?? '') + message.text(log.text)).split('\n')
    if (printing) printing.rest = lines.pop() ?? ''
    printing?.printed.push(...lines)
    return lines.map((stream) => ({ stream }))
  }

  const end = (message: Message): BuilderMessage[] => {
    const ending = steps.get(message.text(step.digest))
    const [started, ended] = [step.started, step.completed].map((field) => millisecondsOf(message, field))
    if (!ending || ending.ended || started === undefined || ended === undefined) return []
    const { name, rest, printed } = ending
    if (rest !== '') printed.push(rest)
    Object.assign(ending, { ended: true, error: message.text(step.error) })
    const seconds = (ended - started) / 1000
    const took = seconds < 1 || noise.test(name) ? [] : [{ stream: `${shortOf(name)} took ${seconds.toFixed(1)} s` }]
    return [...(rest === '' ? [] : [{ stream: rest }]), ...took]
  }

  const fail = (message: BuilderMessage, error: string): BuilderMessage => {
    const failed = [...steps.values()].find((one) => one.error !== '' && error.includes(one.error))
    return failed && failed.printed.length > 0 ? { ...message, failed: [failed.name, ...failed.printed] } : message
  }

  return (message) => {
    if (message.error !== undefined) return [fail(message, message.error)]
    if (message.id !== 'moby.buildkit.trace') return [message]
    const said = readMessage(Buffer.from(String(message.aux), 'base64'))
    const all = (field: number): Message[] => said.parts(field).map(readMessage)
    return [
      ...all(status.steps).flatMap(begin),
      ...all(status.layers).flatMap(pulled),
      ...all(status.logs).flatMap(print),
      ...all(status.steps).flatMap(end),
    ]
  }
}

function pulled(message: Message): BuilderMessage[] {
  const total = message.whole(layer.total)
  if (total === 0) return []
  return [{ id: message.text(layer.id), progressDetail: { current: message.whole(layer.current), total } }]
}

function millisecondsOf(message: Message, field: number): number | undefined {
  const [stamp] = message.parts(field).map(readMessage)
  return stamp && stamp.whole(time.seconds) * 1000 + stamp.whole(time.nanos) / 1e6
}

/** `[build 2/5]` of a step of the Dockerfile, which may be a long one. */
const shortOf = (name: string): string => /^\[.*?\]/.exec(name)?.[0] ?? name
