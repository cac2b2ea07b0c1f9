/** Less than a tenth of a processor over ten seconds is a rest. */
const everyMs = 10_000
const quietShare = 0.1
/** Looking after the provider makes garbage at rest, too: 1 MB a minute. */
const againAfter = 30
/** What a short burst leaves may be more, though it keeps no processor busy: an image that is pushed, for example. */
const growthBytes = 4 * 2 ** 20

/**
 * Gives memory back at the first rest after the start, a busy time or a burst, and every five minutes of a longer one: V8
 * looks for garbage only when more is made, and would sit on it (18 MB after a start, 50 after a busy time). Needs
 * `node --expose-gc`.
 */
export function tidyAtRest(): void {
  let rests = 0
  let before = process.cpuUsage()
  /** The least that was held since the last time: what V8 gives back is gone only a moment later. */
  let least = Infinity
  setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    const isBusy = user + system > everyMs * 1000 * quietShare
    const held = process.memoryUsage.rss()
    if (!isBusy && (rests % againAfter === 0 || held > least + growthBytes)) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      least = Infinity
    } else {
      least = Math.min(least, held)
    }
    rests = isBusy ? 0 : rests + 1
  }, everyMs)
}
