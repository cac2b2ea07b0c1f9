export interface Event {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | string[]>>
  readonly headers: Readonly<Record<string, string>>
  /** JSON and forms parsed, text as text, else bytes. */
  readonly body: unknown
}

export interface Context {
  readonly callId?: string
}

/** Answers every request. What may be returned: README.md. */
export default async function handle({ method, path, query, body }: Event, { callId }: Context) {
  console.log(`call ${callId}: ${method} ${path}`)
  return { message: `Hello, ${nameIn(body) ?? query.name ?? 'World'}!` }
}

function nameIn(body: unknown): string | undefined {
  const isNamed = typeof body === 'object' && body !== null && 'name' in body
  return isNamed && typeof body.name === 'string' ? body.name : undefined
}
