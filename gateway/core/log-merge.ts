import type { LogLine } from './ports.ts'

/** A log that is read; without a head its next line is asked for. */
interface Reader {
  readonly lines: AsyncIterator<LogLine>
  askedAtMs: number
  head?: { readonly line: LogLine; readonly atMs: number } | undefined
}

/**
 * The lines of several logs as one, in order of time. Each log is in order by itself, so the earliest first line of all
 * of them is next, once all are known: a log that has nothing to say is waited for no longer than `patienceMs`, and so
 * long at most a line is held back.
 */
export class LogMerge {
  readonly #patienceMs: number
  readonly #readers = new Set<Reader>()
  #isComplete = false
  #failure: { readonly error: unknown } | undefined
  #wake = (): void => {}

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** One more log, also while the lines are being read. */
  add(lines: AsyncIterable<LogLine>): void {
    const reader = { lines: lines[Symbol.asyncIterator](), askedAtMs: 0 }
    this.#readers.add(reader)
    this.#ask(reader)
  }

  /** No more logs are added: the lines end with those that there are. */
  complete(): void {
    this.#isComplete = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    for (;;) {
      if (this.#failure) throw this.#failure.error
      const first = this.#earliest()
      const waitMs = first?.head && this.#waitMs(first.head)
      if (first?.head && waitMs === 0) {
        const { line } = first.head
        this.#ask(first)
        yield line
      } else if (this.#isComplete && this.#readers.size === 0) return
      else await this.#news(waitMs)
    }
  }

  #ask(reader: Reader): void {
    reader.head = undefined
    reader.askedAtMs = Date.now()
    reader.lines.next().then(
      ({ done, value }) => {
        if (done) this.#readers.delete(reader)
        else reader.head = { line: value, atMs: Date.now() }
        this.#wake()
      },
      (error: unknown) => {
        this.#failure = { error }
        this.#wake()
      },
    )
  }

  #earliest(): Reader | undefined {
    let first: Reader | undefined
    for (const reader of this.#readers) {
      if (reader.head && !(first?.head && first.head.line.at <= reader.head.line.at)) first = reader
    }
    return first
  }

  /** Until `head` is surely next, or is told without being sure of it. */
  #waitMs({ line, atMs }: NonNullable<Reader['head']>): number {
    const unknown = [...this.#readers].filter(({ head }) => !head)
    if (unknown.length === 0) return 0
    const now = Date.now()
    const silentFromMs = Math.max(...unknown.map(({ askedAtMs }) => askedAtMs)) + this.#patienceMs
    // The clock of another machine may be ahead; one that is far ahead says nothing about what is next.
    const isFarAhead = line.at.getTime() > now + this.#patienceMs
    const oldFromMs = isFarAhead ? now : line.at.getTime() + this.#patienceMs
    return Math.max(Math.min(atMs + this.#patienceMs, Math.max(silentFromMs, oldFromMs)) - now, 0)
  }

  /** Resolves when something has changed, or after `limitMs`. */
  async #news(limitMs: number | undefined): Promise<void> {
    const news = Promise.withResolvers<void>()
    this.#wake = news.resolve
    const timer = limitMs === undefined ? undefined : setTimeout(news.resolve, limitMs)
    await news.promise
    clearTimeout(timer)
  }
}
