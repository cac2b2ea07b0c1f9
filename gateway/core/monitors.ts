import { messageOf } from './errors.ts'
import type { Pool } from './pool.ts'
import type { Log, Provider } from './ports.ts'
import type { Member } from './replicas.ts'
import type { MonitorPolicy } from './service.ts'

interface Watch {
  /** Infinity: the command runs. */
  due: number
  failures: number
}

/** Runs the monitoring commands of services inside their replicas; one that fails too often in a row is replaced. */
export class Monitors {
  readonly #provider: Provider
  readonly #log: Log
  readonly #watches = new WeakMap<Member, Watch>()

  constructor(provider: Provider, log: Log) {
    this.#provider = provider
    this.#log = log
  }

  /** Twice a second. A place without `exec` runs the commands itself. */
  tick(pools: readonly Pool[], now: number): void {
    if (!this.#provider.exec) return
    for (const pool of pools) {
      const { monitor } = pool.policy
      if (monitor) for (const member of pool.ready) this.#look(pool, member, monitor, now)
    }
  }

  #look(pool: Pool, member: Member, monitor: MonitorPolicy, now: number): void {
    const watch = this.#watches.get(member) ?? { due: now + monitor.everyMs, failures: 0 }
    this.#watches.set(member, watch)
    if (now < watch.due) return
    watch.due = Infinity
    void this.#run(pool, member, monitor, watch).finally(() => (watch.due = now + monitor.everyMs))
  }

  async #run(pool: Pool, member: Member, { command, timeoutMs, failures }: MonitorPolicy, watch: Watch): Promise<void> {
    const { replica } = member
    const said = await this.#provider.exec?.(replica, command, timeoutMs).catch(messageOf)
    if (said === 0) {
      watch.failures = 0
      return
    }
    watch.failures++
    const how = typeof said === 'number' ? `exit code ${said}` : said
    this.#log.warn('monitor failed', { revision: replica.revision, replica: replica.id, how, inARow: watch.failures })
    if (watch.failures < failures) return
    pool.dismiss(member, `Its monitor failed ${failures} times in a row (${how}).`)
  }
}
