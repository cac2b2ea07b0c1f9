import { setTimeout as sleep } from 'node:timers/promises'

interface Event {
  readonly query: Readonly<Record<string, string>>
}

/** Server-sent events: the time, every second, until the caller leaves or `?ticks=3` of them are told. */
export default (event: Event) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' },
  body: ticks(Number(event.query.ticks ?? Infinity)),
})

async function* ticks(count: number): AsyncGenerator<string> {
  for (let told = 1; told <= count; told++) {
    yield `data: ${new Date().toISOString()}\n\n`
    if (told < count) await sleep(1000)
  }
}
