import { Canaries } from './canaries.ts'
import { Call } from './call.ts'
import type { Changes } from './changes.ts'
import { SkepError } from './errors.ts'
import type { Deployed, DeployOptions } from './deploys.ts'
import type { DeployedFunction } from './function.ts'
import { functionNotFound, type Functions } from './functions.ts'
import { Monitors } from './monitors.ts'
import type { MirrorPlan } from './mirror.ts'
import { functionKey } from './names.ts'
import { Namespaces } from './namespaces.ts'
import type { Invocation } from './invocation.ts'
import type { FunctionLoad, LogLine, LogQuery, Node, ReplicaUsage, Revision } from './ports.ts'
import type { Store } from './store.ts'
import type { Lease } from './replicas.ts'
import type { Share } from './revision.ts'
import type { Queue } from './queue.ts'
import { Secrets } from './secrets.ts'
import { Signals } from './signals.ts'
import type { FunctionSpec } from './spec.ts'
import type { Caller } from './sticky.ts'
import { Team, type TeamParts } from './team.ts'
import { type Usage, UsageMeter } from './usage.ts'

const tickMs = 500
/** How long a gateway that stops waits for what is being removed. */
const removalMs = 10_000

export interface SkepParts extends TeamParts {
  readonly store: Store
  /** How many calls are queued; left out where there is no queue. */
  readonly queueDepth?: Queue['depth']
}

/** What the rest of the house may ask for: dialects, triggers and the page call this and nothing below it. */
export class Skep {
  readonly namespaces: Namespaces
  readonly secrets: Secrets
  readonly #functions: Functions
  readonly #team: Team
  readonly #canaries: Canaries
  readonly #usage: UsageMeter
  readonly #signals: Signals
  readonly #monitors: Monitors
  readonly #parts: SkepParts
  #ticker: NodeJS.Timeout | undefined

  constructor(parts: SkepParts) {
    this.#parts = parts
    this.#team = new Team(parts)
    this.#functions = this.#team.functions
    this.#canaries = new Canaries(this.#team.traffic, parts.log, (revision, of) => this.#team.tallies(revision, of))
    this.#usage = new UsageMeter(parts.provider)
    this.#signals = new Signals({ ...parts, usage: this.#usage })
    this.#monitors = new Monitors(parts.provider, parts.log)
    this.namespaces = new Namespaces({ ...parts, functions: this.#functions })
    const { namespaces } = this
    this.secrets = new Secrets({
      ...parts,
      functions: this.#functions,
      namespaces,
      renewReaders: async (secret) => void (await this.#team.change('renewReaders', functionKey(secret), secret)),
    })
  }

  get provider(): string {
    return this.#parts.provider.name
  }

  async start(): Promise<void> {
    await this.#team.start()
    this.#ticker = setInterval(() => this.#tick(performance.now()), tickMs)
  }

  /** Lets what is being removed end, for a while, and goes; replicas that serve run on. */
  async close(): Promise<void> {
    clearInterval(this.#ticker)
    this.#team.deploys.close()
    await this.#functions.settled(removalMs)
    await this.#team.close()
  }

  /** Brings the request to the function and its answer into the invocation's sink, errors too. */
  invoke(invocation: Invocation): void {
    const found = this.#functions.find(invocation.function)
    if (!found) return invocation.answer.fail(functionNotFound(invocation.function))
    found.invocations++
    this.#parts.observer.started(found.key)
    const observer = found.mirror?.watch(invocation, found, this.#parts) ?? this.#parts.observer
    new Call(invocation, found, this.#parts.carrier, observer).begin()
  }

  /** A lease for someone who speaks to the replica himself, such as a WebSocket. Rejects with the code that a call would get. */
  lease(address: string, signal: AbortSignal, caller: Caller = {}): Promise<Lease> {
    const found = this.#functions.find(address)
    if (!found) return Promise.reject(functionNotFound(address))
    const pool = found.pick(caller)
    found.invocations++
    const lease = pool.tryLease()
    if (lease) return Promise.resolve(lease)
    return new Promise((resolve, reject) => {
      const waiter = { served: resolve, refused: (error: SkepError): void => reject(error) }
      signal.addEventListener('abort', () => (pool.leave(waiter), reject(signal.reason)), { once: true })
      pool.wait(waiter)
    })
  }

  find(address: string): DeployedFunction | undefined {
    return this.#functions.find(address)
  }

  /** Throws `function_not_found`. */
  get(address: string): DeployedFunction {
    return this.#functions.get(address)
  }

  list(): DeployedFunction[] {
    return this.#functions.list()
  }

  /** Where functions are to be reached besides. */
  publishedPorts(): { function: string; port: number; target?: number | undefined }[] {
    return this.list().flatMap(({ key, pool: { revision } }) =>
      (revision.spec.publish ?? []).map((ports) => ({ function: key, ...ports })),
    )
  }

  loads(): FunctionLoad[] {
    return this.list().map(({ key, mirror, pool: { desired, available, inFlight, waiting, policy } }) => {
      const { minReplicas, target } = policy
      return { key, desired, available, inFlight, waiting, minReplicas, target, mirrored: mirror?.counts }
    })
  }

  async deploy(spec: FunctionSpec, { progress, ...how }: DeployOptions = {}): Promise<Deployed> {
    await this.namespaces.require(spec.namespace)
    return (await this.#team.change('deploy', functionKey(spec), { spec, ...how }, progress)) as Deployed
  }

  async rollback(address: string, to?: number): Promise<Revision> {
    return (await this.#change('rollback', address, { to })) as Revision
  }

  async split(address: string, shares: readonly Share[]): Promise<void> {
    await this.#change('split', address, { shares })
  }

  /** Copies a part of the requests to a revision; undefined: none any more. */
  async mirror(address: string, plan: MirrorPlan | undefined): Promise<void> {
    await this.#change('mirror', address, { plan })
  }

  async remove(address: string): Promise<void> {
    await this.#change('remove', address, {})
  }

  /** Brings the function to that many replicas, at most its `scale.max`, until it is idle. */
  async scale(address: string, replicas: number): Promise<void> {
    await this.#change('scale', address, { replicas })
  }

  /** What the function's replicas use now; undefined where the provider cannot tell. */
  usage(address: string): Promise<Usage | undefined> {
    return this.#usage.of(this.#functions.get(address).pool.replicas)
  }

  /** What every replica has used since it began, where the provider can tell. */
  async usages(): Promise<(ReplicaUsage & { function: string; replica: string })[]> {
    const rows = this.list().map(async ({ key, pools }) => {
      const totals = await this.#usage.totals(pools.flatMap(({ replicas }) => replicas))
      return totals.map((total) => ({ function: key, ...total }))
    })
    return (await Promise.all(rows)).flat()
  }

  logs(query: LogQuery): AsyncIterable<LogLine> {
    return this.#parts.provider.logs({ ...query, function: this.#functions.get(query.function).key })
  }

  /** The machines of the place, with the number of replicas on each. Rejects with `not_supported` where there is but one. */
  async nodes(): Promise<(Node & { replicas: number })[]> {
    const { provider } = this.#parts
    if (!provider.nodes) {
      const hint = 'The swarm provider runs functions on several.'
      throw new SkepError('not_supported', `The ${provider.name} provider runs functions on one machine.`, { hint })
    }
    const [nodes, replicas] = await Promise.all([provider.nodes(), provider.replicas()])
    return nodes.map((one) => ({ ...one, replicas: replicas.filter(({ node }) => node === one.name).length }))
  }

  #change(verb: keyof Changes, address: string, args: object): Promise<unknown> {
    const { key } = this.#functions.get(address)
    return this.#team.change(verb, key, { address: key, ...args })
  }

  #tick(now: number): void {
    this.#functions.tick(now)
    this.#team.tick(now)
    const functions = this.#functions.list()
    const { leads } = this.#team
    this.#canaries.tick(functions, now, leads)
    if (!leads) return
    this.#signals.tick(functions, now)
    this.#monitors.tick(
      functions.flatMap(({ pools }) => pools),
      now,
    )
  }
}
