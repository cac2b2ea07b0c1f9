/** Work on the same thing, one after the other. */
export class Turns {
  /** The last work of each key: the next one waits for it. */
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work)
    this.#last.set(key, turn)
    const forget = (): void => void (this.#last.get(key) === turn && this.#last.delete(key))
    turn.then(forget, forget)
    return turn
  }
}
