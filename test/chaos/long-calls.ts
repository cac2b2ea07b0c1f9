import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

/** What happened on calls that are open all the time. */
export interface LongTally {
  /** Slow calls that were answered to the end. */
  readonly slow: number
  readonly events: number
  readonly messages: number
  readonly problems: readonly string[]
}

export interface LongCalls {
  readonly tally: LongTally
  /** No slow call after the one that is under way. */
  last(): void
  /** Ends the stream and the WebSocket; resolves when the last slow call has been answered. */
  stop(): Promise<void>
}

const messageEveryMs = 100

/** At every moment one slow call, one event stream and, where the function can, one WebSocket: all must go on for ever. */
export function startLongCalls(url: string, slowMs: number, webSocket: boolean): LongCalls {
  const tally = { slow: 0, events: 0, messages: 0, problems: [] as string[] }
  const stopping = new AbortController()
  const closing = new AbortController()
  const all = [
    slowCalls(`${url}/slow?ms=${slowMs}`, tally, closing.signal),
    eventStream(`${url}/events`, tally, stopping.signal),
    ...(webSocket ? [chat(url.replace(/^http/, 'ws'), tally, stopping.signal)] : []),
  ]
  const ended = Promise.all(
    all.map((one) =>
      one.catch((error: unknown) => void tally.problems.push(error instanceof Error ? error.message : String(error))),
    ),
  )
  return {
    tally,
    last: () => closing.abort(),
    async stop() {
      closing.abort()
      await all[0]?.catch(() => {}) // told already
      stopping.abort()
      await ended
    },
  }
}

type Counts = { -readonly [Key in keyof Omit<LongTally, 'problems'>]: number }

async function slowCalls(url: string, tally: Counts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(url)
    const text = await answer.text()
    if (text !== 'slept') throw new Error(`a slow call got ${answer.status} ${text}`)
    tally.slow++
  }
}

/** Each event must be the one after the last. */
async function eventStream(url: string, tally: Counts, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { signal })
  let text = ''
  try {
    for await (const part of answer.body ?? []) {
      text += Buffer.from(part).toString()
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        if (text.slice(0, end) !== `data: ${tally.events}`)
          throw new Error(`event ${tally.events} was ${text.slice(0, end)}`)
        tally.events++
        text = text.slice(end + 2)
      }
    }
  } catch (error) {
    if (signal.aborted) return
    throw error
  }
  throw new Error(`the event stream ended after ${tally.events} events`)
}

async function chat(url: string, tally: Counts, signal: AbortSignal): Promise<void> {
  const socket = new WebSocket(url)
  const inbox: string[] = []
  let broken = 'it was closed'
  socket.on('message', (data: Buffer) => inbox.push(data.toString()))
  socket.on('error', (error) => (broken = error.message))
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve))
  while (!signal.aborted) {
    if (socket.readyState !== WebSocket.OPEN)
      throw new Error(`the WebSocket broke after ${tally.messages} messages: ${broken}`)
    socket.send(`message ${tally.messages}`)
    await sleep(messageEveryMs)
    while (inbox.length === 0 && socket.readyState === WebSocket.OPEN) await sleep(5)
    const got = inbox.shift()
    if (got === undefined) continue
    if (got !== `message ${tally.messages}`) throw new Error(`message ${tally.messages} came back as ${got}`)
    tally.messages++
  }
  socket.close()
}
