/** How dockerode sends a request to an engine: for those that dockerode has no method for. */
export interface Modem {
  dial(request: Request, callback: (error: unknown, answer: unknown) => void): void
}

interface Request {
  readonly path: string
  readonly method: string
  readonly headers?: Record<string, string | string[]>
  readonly options?: object
  readonly file?: NodeJS.ReadableStream
  readonly isStream?: boolean
  /** The answer is the connection itself. */
  readonly hijack?: boolean
  readonly statusCodes: Readonly<Record<number, true | string>>
}

export const dial = <T>(modem: Modem, request: Request): Promise<T> =>
  new Promise((resolve, reject) => {
    modem.dial(request, (error, answer) => (error ? reject(error as Error) : resolve(answer as T)))
  })
