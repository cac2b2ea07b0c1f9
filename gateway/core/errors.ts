/**
 * Every failure that Skep can report. Codes are API; messages are for people.
 * `retryable`: the same request may succeed later without any change.
 */
const codes = {
  invalid_request: { status: 400, retryable: false },
  invalid_target: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  function_not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  body_stalled: { status: 408, retryable: true },
  conflict: { status: 409, retryable: false },
  body_too_large: { status: 413, retryable: false },
  queue_full: { status: 429, retryable: true },
  too_many_attempts: { status: 429, retryable: true },
  invalid_query: { status: 422, retryable: false },
  headers_too_large: { status: 431, retryable: false },
  caller_left: { status: 499, retryable: false },
  build_failed: { status: 422, retryable: false },
  internal: { status: 500, retryable: false },
  record_unreadable: { status: 500, retryable: false },
  not_supported: { status: 501, retryable: false },
  start_failed: { status: 502, retryable: true },
  upstream_failed: { status: 502, retryable: true },
  upstream_invalid: { status: 502, retryable: false },
  push_failed: { status: 502, retryable: true },
  gateway_unavailable: { status: 503, retryable: true },
  provider_unavailable: { status: 503, retryable: true },
  store_unavailable: { status: 503, retryable: true },
  registry_unavailable: { status: 503, retryable: true },
  queue_unavailable: { status: 503, retryable: true },
  no_leader: { status: 503, retryable: true },
  lead_moved: { status: 503, retryable: true },
  stopping: { status: 503, retryable: true },
  start_timeout: { status: 504, retryable: true },
  upstream_timeout: { status: 504, retryable: true },
} as const

export type ErrorCode = keyof typeof codes

export const errorCodes = Object.keys(codes) as readonly ErrorCode[]

export interface SkepErrorOptions extends ErrorOptions {
  /** What to do about it, in one sentence; `undefined` has to be written where nobody can do anything. */
  readonly hint: string | undefined
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** More for a caller who has credentials: the last log lines of a function that did not start, for example. */
  readonly detail?: string
}

export class SkepError extends Error {
  override readonly name = 'SkepError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, options: SkepErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = options.hint
    this.retryAfterSeconds = options.retryAfterSeconds
    this.detail = options.detail
  }

  get status(): number {
    return codes[this.code].status
  }

  get retryable(): boolean {
    return codes[this.code].retryable
  }
}

/** Any thrown thing as a SkepError; what is not one already becomes `internal` and keeps its cause. */
export function asSkepError(error: unknown): SkepError {
  if (error instanceof SkepError) return error
  return new SkepError('internal', 'Something went wrong inside Skep.', {
    cause: error,
    hint: 'The gateway log has the cause.',
  })
}

/** The one sentence of any thrown thing. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What a client reads about a failure. `trusted`: it has credentials, so it may see log lines too. */
export function failureBody(error: SkepError, trusted: boolean) {
  return { code: error.code, error: error.message, hint: error.hint, detail: trusted ? error.detail : undefined }
}
