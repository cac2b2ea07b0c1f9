/** A request in the form that the runtimes’ own modules read. */
export interface HttpRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** Names in lower case; values of the same name joined. */
  readonly headers: Readonly<Record<string, string>>
  readonly httpVersion: string
  readonly socket: { readonly remoteAddress?: string }
}

export interface ProtocolCall {
  readonly id: string
  readonly function: string
  /** 0: no limit. */
  readonly timeoutMs: number
}

export interface ImageAnswer {
  readonly status: number
  readonly text: string
}

/** How a request becomes a call in the words of an image, and the image’s answer a value such as a handler of ours returns. */
export interface Protocol {
  /** The one path that takes calls, by POST. */
  readonly target: string
  /** A caller who asks for that path speaks the protocol himself: it is carried as it is. */
  readonly isOpen?: true
  eventOf(request: HttpRequest, raw: Buffer, call: ProtocolCall): unknown
  /** Throws what the handler threw; a SkepError when the image does not speak this protocol. */
  valueOf(answer: ImageAnswer): unknown
  /** Whether the replica takes no further call after this one. */
  isSpent?(answer: ImageAnswer): boolean
  /** What a replica is told once, before its first call. */
  readonly init?: {
    readonly target: string
    readonly body: unknown
    /** Undefined, or why it cannot take calls, as a clause. */
    problemIn(answer: ImageAnswer): string | undefined
  }
}
