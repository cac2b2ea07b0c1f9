import { setTimeout as sleep } from 'node:timers/promises'
import type { Provider, Replica, ReplicaUsage } from './ports.ts'

/** What replicas take of their machines, all together. */
export interface Usage {
  /** Thousandths of a processor. */
  readonly cpuMillis: number
  readonly memoryBytes: number
}

interface Sample extends ReplicaUsage {
  readonly at: number
}

/** Between two looks at a replica's clock there must be this much time for the difference to say something. */
const shortestMs = 250
/** What is older says too little about now. */
const longestMs = 30_000

/** Measures what replicas use, from one look to the next. */
export class UsageMeter {
  readonly #provider: Pick<Provider, 'usage'>
  readonly #samples = new Map<string, Sample>()

  constructor(provider: Pick<Provider, 'usage'>) {
    this.#provider = provider
  }

  /** Undefined where the place cannot tell. */
  async of(replicas: readonly Replica[]): Promise<Usage | undefined> {
    if (!this.#provider.usage) return undefined
    this.#forgetOld()
    const all = await Promise.all(replicas.map((replica) => this.#one(replica)))
    return {
      cpuMillis: Math.round(all.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0)),
      memoryBytes: all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    }
  }

  /** What each has used since it began; none of those that are gone, or where the place cannot tell. */
  async totals(replicas: readonly Replica[]): Promise<(ReplicaUsage & { replica: string })[]> {
    const all = await Promise.all(
      replicas.map(async ({ id, ...rest }) => ({ replica: id, usage: await this.#provider.usage?.({ id, ...rest }) })),
    )
    return all.flatMap(({ replica, usage }) => (usage ? [{ replica, ...usage }] : []))
  }

  /** The first look at a replica takes two. */
  async #one(replica: Replica): Promise<Usage> {
    const before = this.#samples.get(replica.id) ?? (await this.#look(replica))
    const waitMs = before.at + shortestMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    const now = await this.#look(replica)
    const seconds = (now.at - before.at) / 1000
    const cpuMillis = Math.max(0, ((now.cpuSeconds - before.cpuSeconds) / seconds) * 1000)
    return { cpuMillis, memoryBytes: now.memoryBytes }
  }

  async #look(replica: Replica): Promise<Sample> {
    const usage = await this.#provider.usage?.(replica)
    const sample = { cpuSeconds: 0, memoryBytes: 0, ...usage, at: performance.now() }
    this.#samples.set(replica.id, sample)
    return sample
  }

  #forgetOld(): void {
    const oldest = performance.now() - longestMs
    for (const [id, { at }] of this.#samples) if (at < oldest) this.#samples.delete(id)
  }
}
