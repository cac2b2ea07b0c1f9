import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { Log } from '../../core/ports.ts'
import type { Engine } from '../engine/client.ts'
import { jsonLines } from '../engine/json-lines.ts'
import { having, type Labels } from '../engine/labels.ts'

export interface EngineEvent {
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Labels }
}

export interface Watcher {
  /** The stream is open: what happened before must be looked up now, nothing later will be missed. */
  opened(): Promise<void>
  event(event: EngineEvent): void
}

export interface WatchOptions {
  /** Only containers with these. */
  readonly labels: Labels
  readonly signal: AbortSignal
  readonly log: Log
}

const firstDelayMs = 100
const longestDelayMs = 1000

/** Listens to the engine until `signal` aborts, also after it was away. Resolves after the first try, whatever came of it. */
export function watchEngine(engine: Engine, watcher: Watcher, { labels, signal, log }: WatchOptions): Promise<void> {
  return new Promise((tried) => {
    let away = false
    let delayMs = firstDelayMs
    const opened = async (): Promise<void> => {
      await watcher.opened()
      if (away) log.info('the Docker engine is back')
      away = false
      delayMs = firstDelayMs
      tried()
    }
    const event = (news: EngineEvent): void => watcher.event(news)
    const again = async (): Promise<void> => {
      while (!signal.aborted) {
        const error = await listen(engine, { opened, event }, { labels, signal }).catch((error: unknown) => error)
        if (!away && !signal.aborted)
          log.warn('the Docker engine is away', { error: messageOf(error ?? 'no more events') })
        away = true
        tried()
        await sleep(delayMs, undefined, { signal }).catch(() => {}) // aborted: the loop ends
        delayMs = Math.min(delayMs * 2, longestDelayMs)
      }
    }
    void again()
  })
}

async function listen(engine: Engine, watcher: Watcher, { labels, signal }: Omit<WatchOptions, 'log'>): Promise<void> {
  const stream = await engine.events({ event: ['start', 'die', 'pause', 'unpause'], ...having(labels) })
  const stop = (): void => void stream.destroy()
  signal.addEventListener('abort', stop)
  try {
    await watcher.opened()
    for await (const event of jsonLines<EngineEvent>(stream)) watcher.event(event)
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}
