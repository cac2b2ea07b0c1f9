/** Less than a tenth of a processor over ten seconds is a rest. */
const everyMs = 10_000
const quietShare = 0.1

/**
 * Gives memory back at the first rest after the start, or after a busy time: V8 looks for garbage only when more is made,
 * and would sit on it (18 MB after a start). Needs `node --expose-gc`.
 */
export function tidyAtRest(): void {
  let wasBusy = true
  let before = process.cpuUsage()
  setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    const isBusy = user + system > everyMs * 1000 * quietShare
    if (wasBusy && !isBusy) globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    wasBusy = isBusy
  }, everyMs)
}
