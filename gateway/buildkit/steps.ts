import { keepLast } from '../core/build-failure.ts'
import type { Message } from './wire.ts'

/** The fields' numbers are those of BuildKit's control.proto. */
const vertex = { digest: 1, name: 3, cached: 4, started: 5, completed: 6, error: 7 }
const log = { vertex: 1, text: 4 }
const time = { seconds: 1, nanos: 2 }

/** BuildKit's own way to the files, which tells nobody anything. */
const noise = /^\[internal\] |^copy \/context /

interface Step {
  readonly name: string
  /** The last lines. */
  readonly printed: string[]
  /** The begin of a line whose end has not come yet. */
  rest: string
  ended: boolean
  error: string
}

/** The steps of one build, some of them at the same time; each method returns the lines that tell what is new. */
export class Steps {
  readonly #steps = new Map<string, Step>()

  begin(message: Message): string[] {
    const digest = message.text(vertex.digest)
    const name = message.text(vertex.name)
    if (this.#steps.has(digest) || message.part(vertex.started) === undefined) return []
    const cached = message.whole(vertex.cached) === 1
    this.#steps.set(digest, { name, printed: [], rest: '', ended: cached, error: '' })
    return noise.test(name) ? [] : [cached ? `${name} (from the cache)` : name]
  }

  print(message: Message): string[] {
    const step = this.#steps.get(message.text(log.vertex))
    if (!step) return []
    const lines = (step.rest + message.text(log.text)).split('\n')
    step.rest = lines.pop() ?? ''
    for (const line of lines) keepLast(step.printed, line)
    return lines
  }

  end(message: Message): string[] {
    const step = this.#steps.get(message.text(vertex.digest))
    const started = message.part(vertex.started)
    const completed = message.part(vertex.completed)
    if (!step || step.ended || !started || !completed) return []
    step.ended = true
    step.error = message.text(vertex.error)
    if (step.rest !== '') keepLast(step.printed, step.rest)
    const seconds = secondsOf(completed) - secondsOf(started)
    const isLong = seconds >= 1 && !noise.test(step.name)
    return [
      ...(step.rest === '' ? [] : [step.rest]),
      ...(isLong ? [`${shortOf(step.name)} took ${seconds.toFixed(1)} s`] : []),
    ]
  }

  /** The step whose error became the build's, and what it printed; undefined when it printed nothing. */
  failed(error: string): string[] | undefined {
    const step = [...this.#steps.values()].find((one) => one.error !== '' && error.includes(one.error))
    return step && step.printed.length > 0 ? [step.name, ...step.printed] : undefined
  }
}

const secondsOf = (stamp: Message): number => stamp.whole(time.seconds) + stamp.whole(time.nanos) / 1e9

/** `[build 2/5]` of a step of the Dockerfile, which may be a long one. */
const shortOf = (name: string): string => /^\[.*?\]/.exec(name)?.[0] ?? name
