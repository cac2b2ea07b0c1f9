import type { AnswerSink } from './invocation.ts'

/** Takes an answer that nobody waits for and keeps the beginning of its body; how it ended is heard from the carrier. */
export class BriefAnswer implements AnswerSink {
  text = ''
  readonly #keptBytes: number

  constructor(keptBytes = 0) {
    this.#keptBytes = keptBytes
  }

  write(chunk: Buffer): boolean {
    if (this.text.length < this.#keptBytes) this.text += chunk.toString('utf8', 0, this.#keptBytes)
    return true
  }

  end(last?: Buffer): void {
    if (last) this.write(last)
  }

  drained(resume: () => void): void {
    resume()
  }

  informational(): void {}
  head(): void {}
  fail(): void {}
  cut(): void {}
}
