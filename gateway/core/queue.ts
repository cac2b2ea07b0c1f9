/** An asynchronous call as it was accepted. */
export interface QueuedCall {
  /** X-Call-Id. */
  readonly id: string
  /** The function's key, or where else it goes: what is fair and limited, each for itself. */
  readonly function: string
  /** Path and query as they came; begins with `/`. */
  readonly target: string
  /** Name, value, name, value … as they came. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

export interface PushOptions {
  /** A second push with the same key for the same function within a day is not kept; it gets the first one's id. */
  readonly idempotencyKey?: string
  /** Not before so many milliseconds from now. Default 0. */
  readonly delayMs?: number
  /** 0 to 9; higher goes first among the calls of one function. Default 0. */
  readonly priority?: number
  /** For what follows from a call that is in the queue: it has to be kept before that one can go. */
  readonly evenIfFull?: boolean
}

/** What a function answered to a queued call. */
export interface QueuedAnswer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: Uint8Array
  /** The body was longer than what is kept of it. */
  readonly truncated: boolean
  readonly durationMs: number
}

/** `delayed` calls wait for their time, `waiting` ones for a free place. The last three are ends. */
export const callStates = ['waiting', 'delayed', 'running', 'done', 'dead', 'cancelled'] as const
export type CallState = (typeof callStates)[number]

/** What becomes of a call after one run. */
export type Verdict =
  | { readonly state: 'done'; readonly answer?: QueuedAnswer; readonly keepMs: number }
  | { readonly state: 'dead'; readonly reason: string; readonly answer?: QueuedAnswer; readonly keepMs: number }
  /** Again later. `failed`: this run counts as one of its attempts. */
  | { readonly state: 'waiting'; readonly delayMs: number; readonly failed: boolean; readonly reason: string }

/** The right to run one call. The queue keeps it alive for as long as this process lives, an hour or a day. */
export interface CallLease {
  readonly call: QueuedCall
  /** 1 at the first run, one more at each further one, whatever ended the run before. */
  readonly attempt: number
  /** How many runs have counted as failed. */
  readonly failures: number
  /** How long ago it could have run first; anew when it was sent again by hand. */
  readonly ageMs: number
  /** Aborts when the call was cancelled or is run by another gateway now: nothing more is wanted of this run. */
  readonly lost: AbortSignal
  /** Ends the run. A verdict on a lost lease changes nothing. */
  settle(verdict: Verdict): Promise<void>
}

export interface TakeRequest {
  /** How many at most. */
  readonly max: number
  /** How many calls of a function may run at a time, all gateways together. A function that is not in it: one. */
  readonly limits: ReadonlyMap<string, number>
  readonly signal: AbortSignal
}

/** A call and what is known of it. Times are milliseconds since 1970. */
export interface CallSummary {
  readonly id: string
  readonly function: string
  readonly state: CallState
  readonly acceptedAt: number
  readonly attempt: number
  readonly failures: number
  /** When it is due (`delayed`), began (`running`) or came to its end. Undefined while it waits in line. */
  readonly at: number | undefined
  /** Why it did not succeed the last time. */
  readonly reason: string | undefined
}

export interface CallRecord extends CallSummary {
  /** Kept until the call is done, and for as long as a dead letter is kept. */
  readonly request: QueuedCall | undefined
  readonly answer: QueuedAnswer | undefined
}

/** Which calls; all that are given must hold. */
export interface CallSelection {
  readonly id?: string
  readonly function?: string
  readonly state?: CallState
  /** Accepted at or after this time. */
  readonly since?: number
  /** Accepted before this time. */
  readonly until?: number
}

/**
 * `retry` sends dead and cancelled calls again, with all their attempts before them and, if told so, to another function;
 * `cancel` ends waiting, delayed and running ones; `purge` forgets ended ones.
 */
export type CallChange =
  | { readonly action: 'retry'; readonly function?: string }
  | { readonly action: 'cancel' }
  | { readonly action: 'purge' }

/**
 * Where asynchronous calls wait. Delivery is at least once: what was pushed runs, whatever process is killed.
 * Methods reject with `queue_unavailable` within 2 s when the place does not answer.
 */
export interface Queue {
  /**
   * Resolves with the call's id once it is durable. Rejects with `conflict` when the id is taken, and with `queue_full`
   * when the queue holds all the bytes that it may hold.
   */
  push(call: QueuedCall, options?: PushOptions): Promise<string>
  /**
   * Waits for calls that may run and leases them, one from each function in turn. Resolves with none when `signal` aborts.
   * What a gateway had leased when it was killed is given out again within 15 s.
   */
  take(request: TakeRequest): Promise<CallLease[]>
  /** With `waitMs`: resolves when the call has come to an end, at the latest after that time. */
  show(id: string, waitMs?: number): Promise<CallRecord | undefined>
  /** The newest first. */
  list(selection: CallSelection, limit: number): Promise<CallSummary[]>
  /** Changes every selected call that can be changed so, and says how many. */
  change(selection: CallSelection, change: CallChange): Promise<number>
  /** How many calls of each function are in which state. */
  depth(): Promise<ReadonlyMap<string, Readonly<Record<CallState, number>>>>
  /** What an operator should know of how safe the calls are here, in sentences. */
  warnings(): Promise<string[]>
  /** Gives nothing back: settle first what runs. */
  close(): Promise<void>
}
