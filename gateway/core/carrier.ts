import type { SkepError } from './errors.ts'
import type { Invocation } from './invocation.ts'
import type { Address } from './ports.ts'
import type { ProtocolName } from './protocol.ts'

/**
 * How one try ended. `unsent`: it is certain that the function saw nothing of it, so another replica may be tried.
 * `unready`: so too, but the replica answered: what stands before the function there does not reach it yet.
 * The carrier has written the whole answer at `done`, nothing at `unsent`, `unready` and `failed`; `cut` means that it
 * called `cut`.
 */
export type Outcome =
  | {
      readonly kind: 'done'
      readonly status: number
      /** The replica takes no further call. */
      readonly spent?: boolean
    }
  | { readonly kind: 'unsent'; readonly error: SkepError }
  | { readonly kind: 'unready' }
  | { readonly kind: 'failed'; readonly error: SkepError }
  | { readonly kind: 'cut' }
  | { readonly kind: 'caller_left' }

export interface CarrierLimits {
  /** From the request's last byte to the answer's first; 0: no limit. Ends as `upstream_timeout`. */
  readonly timeoutMs: number
  /** Ends as `body_too_large`, before the body was read to its end. */
  readonly maxBodyBytes: number
  /** For this long after it said that it is ready a replica may still turn out to be `unready`. */
  readonly startTimeoutMs: number
  /** What the function’s image speaks, if not plain HTTP. */
  readonly protocol?: ProtocolName
}

export interface ProbeOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Nobody waits for the replica: one that may have said too early that it is ready gets time to show that it is not. Default false. */
  readonly patient?: boolean
  readonly protocol?: ProtocolName
}

/** Takes an invocation to an address and its answer back. Calls `ended` exactly once. */
export interface Carrier {
  send(address: Address, invocation: Invocation, limits: CarrierLimits, ended: (outcome: Outcome) => void): void
  /** Resolves when the function there says that it is ready; rejects with `start_timeout`, or when `signal` aborts. */
  probe(address: Address, options: ProbeOptions): Promise<void>
  /** Forgets the kept connections to an address that is gone. */
  forget(address: Address): void
  close(): void
}
