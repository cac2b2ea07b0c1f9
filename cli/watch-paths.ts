import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Watching {
  /** Resolves with those paths that changed since the last look; with none when the signal aborts. */
  next(signal: AbortSignal): Promise<ReadonlySet<string>>
  close(): void
}

/** Editors write a file in several steps, and several files at once. */
const settleMs = 60

/** Watches files, and folders with all that is in them. A change between two looks is not lost. */
export function watchPaths(paths: readonly string[]): Watching {
  const changed = new Set<string>()
  const heard = new EventTarget()
  const watchers = paths.map((path) =>
    watched(path, () => {
      changed.add(path)
      heard.dispatchEvent(new Event('change'))
    }),
  )
  return {
    async next(signal) {
      if (changed.size === 0) await firstOf(heard, signal)
      if (!signal.aborted) await sleep(settleMs)
      const result = new Set(changed)
      changed.clear()
      return result
    },
    close: () => watchers.forEach((watcher) => watcher.close()),
  }
}

function firstOf(heard: EventTarget, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    heard.addEventListener('change', () => resolve(), { once: true })
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })
}

/** A file is watched by its folder: many editors put a new file into its place. */
function watched(path: string, changed: () => void): FSWatcher {
  const isFolder = statSync(path).isDirectory()
  const isMeant = (name: string | null) => (isFolder ? !isMade(name ?? '') : name === basename(path))
  const watcher = watch(isFolder ? path : dirname(path), { recursive: isFolder }, (_, name) => {
    if (isMeant(name)) changed()
  })
  // The folder is gone: what is deployed next says so.
  return watcher.on('error', () => {})
}

/** What tools put beside a handler. */
const isMade = (name: string) => /(^|[\\/])(node_modules|\.git|__pycache__)([\\/]|$)/.test(name)
