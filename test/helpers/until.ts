import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with the first truthy answer of `condition`, asked again and again; rejects after `timeoutMs`. */
export async function until<T>(condition: () => T | Promise<T>, timeoutMs = 20_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await condition()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error(`Still not so after ${timeoutMs} ms: ${condition.toString()}`)
    await sleep(20)
  }
}
