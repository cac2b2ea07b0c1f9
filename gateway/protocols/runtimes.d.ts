// What of the runtimes’ own modules is used here: how an event is made of a request has one home.

declare module '*/node-lambda/event.mjs' {
  export function httpEvent(request: import('./protocol.ts').HttpRequest, raw: Buffer): unknown
}

declare module '*/node-lambda/answer.mjs' {
  export function answerOf(result: unknown): object
}

declare module '*/node-openwhisk/params.mjs' {
  /** Of an Event. */
  export function paramsOf(event: object): unknown
}

declare module '*/node-openwhisk/answer.mjs' {
  export function answerOf(result: unknown): object
}

declare module '*/node/event.mjs' {
  /** Throws BadBody for JSON that is none. */
  export class Event {
    constructor(request: import('./protocol.ts').HttpRequest, raw: Buffer)
  }
  export class BadBody extends Error {}
}

declare module '*/node/answer.mjs' {
  interface Response {
    writeHead(status: number, fields: unknown[]): Response
    end(body?: string | Uint8Array): void
  }
  /** Throws, before anything is written, when the value, its status or a header cannot be sent. */
  export function writeAnswer(response: Response, answer: { value: unknown }, fields: readonly unknown[]): void
  export function writeError(response: Response, status: number, error: unknown, fields: readonly unknown[]): void
}
