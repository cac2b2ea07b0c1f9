import type { Invocation } from './invocation.ts'
import type { ImageBuild } from './image-build.ts'
import type { Progress } from './progress.ts'
import type { FunctionSpec } from './spec.ts'

/** An immutable snapshot of a function's spec. `id` is `hello-3`, or `hello.other-3` outside the default namespace. */
export interface Revision {
  readonly id: string
  readonly function: string
  readonly number: number
  readonly spec: FunctionSpec
  /** RFC 3339. */
  readonly createdAt: string
  /** What `spec.image` meant when it was deployed, in the words of the provider: a tag may move, this does not. */
  readonly digest?: string
  /** Why it was deployed, in the words of who did. */
  readonly message?: string
  /** Who deployed it: the user of the credentials. */
  readonly by?: string
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** One running copy of a revision. It may not be ready yet: the pool asks it. */
export interface Replica {
  readonly id: string
  readonly revision: string
  readonly address: Address
  readonly paused: boolean
  /** The machine it runs on, where there is more than one. */
  readonly node?: string
}

/** A machine of a place that has several. */
export interface Node {
  readonly name: string
  readonly role: 'manager' | 'worker'
  /** As images name it: linux/arm64. */
  readonly platform: string
  readonly memoryBytes: number
  /** What an operator wants of it: `pause` means no new replicas, `drain` none at all. */
  readonly availability: 'active' | 'pause' | 'drain'
  readonly state: 'ready' | 'down' | 'disconnected' | 'unknown'
}

/** Says which secret; what it is, nobody can ask. */
export interface Secret {
  readonly name: string
  readonly namespace: string
}

/** Where a place keeps the values that functions read as files. None of them ever comes out in another way. */
export interface SecretKeeper {
  list(): Promise<Secret[]>
  /** Makes it or changes it: replicas that start from now on get this value. */
  put(secret: Secret, value: Uint8Array): Promise<void>
  /** Idempotent. */
  remove(secret: Secret): Promise<void>
  /** Another gateway has changed it: what is known of its value no longer holds. */
  forget?(secret: Secret): void
}

/** What a replica has used. */
export interface ReplicaUsage {
  /** Since it began. */
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

export type ReplicaEvent =
  | { readonly type: 'up'; readonly replica: Replica }
  /** It ended, whoever ended it. `reason`: a sentence that says how, and on further lines its last words if it failed. */
  | { readonly type: 'gone'; readonly id: string; readonly revision: string; readonly reason: string }

export interface LogQuery {
  readonly function: string
  /** Only this replica. */
  readonly replica?: string
  readonly since?: Date
  /** Only the last lines of each replica; all when left out. */
  readonly tail?: number
  /** Go on with new lines until `signal` aborts. */
  readonly follow: boolean
  readonly signal: AbortSignal
}

export interface LogLine {
  readonly replica: string
  readonly node?: string
  readonly at: Date
  /** Without its line end. */
  readonly text: string
}

/**
 * A place where replicas run. Whatever can be refused is refused by `prepare`, so that a deploy fails and not a call.
 * Methods reject with a SkepError: `provider_unavailable` within 2 s when the place does not answer.
 */
export interface Provider {
  readonly name: string
  /**
   * Makes everything ready for a first replica (pull, check) and remembers the revision until `remove`. Idempotent.
   * Takes what `revision.digest` names where there is one, whatever the image's tag means by now.
   */
  prepare(revision: Revision, progress: Progress): Promise<void>
  /** Every revision that was prepared and not removed, also by an earlier process. */
  revisions(): Promise<Revision[]>
  /**
   * Brings the revision to that many replicas; the place chooses which ones end. Idempotent. Paused ones count,
   * those being retired do not.
   * Each new replica arrives as an `up` event, at the latest when this resolves (where addresses come later: when known).
   */
  scale(revision: Revision, replicas: number): Promise<void>
  /** What runs now, also what an earlier process started. */
  replicas(): Promise<Replica[]>
  /** Tells every change from now on, also when the replica's end was asked for. Goes on after the place was away, and then tells what changed meanwhile. */
  watch(listener: (event: ReplicaEvent) => void): () => void
  /** Ends the revision's replicas and forgets it, with everything that was made for it. Idempotent. */
  remove(revision: Revision): Promise<void>
  /** Of all replicas in order of time; who follows gets each line within half a second, and then late ones late. */
  logs(query: LogQuery): AsyncIterable<LogLine>
  /** Lets go of the place; replicas go on running. */
  close(): Promise<void>

  /** What the spec's image is at this moment, as a digest; brings it if need be. Without it every deploy is a new revision. */
  digestOf?(spec: FunctionSpec, progress: Progress): Promise<string>
  /** Ends just this replica: SIGTERM, after the grace SIGKILL. Core has already drained it. */
  retire?(replica: Replica): Promise<void>
  /** Keeps the replica's memory and takes its processor away; `resume` wakes it in milliseconds. */
  pause?(replica: Replica): Promise<void>
  resume?(replica: Replica): Promise<void>
  /** What the replica has used; undefined when it is gone. Left out where the place cannot tell of every replica. */
  usage?(replica: Replica): Promise<ReplicaUsage | undefined>
  /**
   * Runs a program inside the replica and resolves with its exit code; rejects when it cannot be run or takes longer. A
   * place without this asks the monitoring command of a spec itself, and ends replicas that fail it.
   */
  exec?(replica: Replica, command: readonly string[], timeoutMs: number): Promise<number>
  /** Whether this gateway leads: only then it keeps things ready and clears up what nobody wants. True until told otherwise. */
  lead?(leads: boolean): void
  /** The machines, where there is more than one. */
  nodes?(): Promise<Node[]>
  readonly secrets?: SecretKeeper
  /** Makes an image of files; resolves with what a spec names as its image. */
  build?(build: ImageBuild): Promise<string>
}

/** What core tells whoever counts. Called on the hot path: must not throw and must be cheap. */
export interface Observer {
  started(functionKey: string): void
  /** `reached`: the function may have seen the request; else the answer is the gateway's own. */
  answered(functionKey: string, status: number, seconds: number, invocation: Invocation, reached: boolean): void
  coldStart(functionKey: string, seconds: number): void
}

/** How a function stands at this moment. */
export interface FunctionLoad {
  readonly key: string
  readonly desired: number
  readonly available: number
  readonly inFlight: number
  readonly waiting: number
  readonly minReplicas: number
  /** What one replica should have of what the function grows by. */
  readonly target: number
  /** Copied requests, where some are: by whether the copy was answered with the same status. */
  readonly mirrored?: Readonly<Record<'same' | 'different' | 'skipped', number>> | undefined
}

/** One structured line per event. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}
