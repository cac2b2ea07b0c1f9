import type { Readable } from 'node:stream'
import { traceReader, type BuilderMessage } from '../gateway/buildkit/trace.ts'
import { linesOf } from './ndjson.ts'

/** One line of what an engine says while it builds or pushes. */
export type EngineEvent = BuilderMessage

/** Hands every event on; throws what the engine calls an error, which it says in the stream after a 200. */
export async function followEvents(stream: NodeJS.ReadableStream, heard: (event: EngineEvent) => void): Promise<void> {
  const read = traceReader()
  for await (const line of linesOf(stream as Readable)) {
    for (const event of read(JSON.parse(line) as EngineEvent)) {
      heard(event)
      if (event.error !== undefined) throw new Error(event.error.trim())
    }
  }
}

/** How far the layers are all together, in percent; undefined as long as no size is known. */
export function layerProgress(): (event: EngineEvent) => number | undefined {
  const layers = new Map<string, { current: number; total: number }>()
  return ({ id, status, progressDetail }) => {
    const total = progressDetail?.total ?? layers.get(id ?? '')?.total
    if (id === undefined || total === undefined) return undefined
    const done = status === 'Pushed' || status === 'Pull complete'
    layers.set(id, { total, current: done ? total : (progressDetail?.current ?? 0) })
    const sum = (key: 'current' | 'total') => [...layers.values()].reduce((all, layer) => all + layer[key], 0)
    return Math.floor((100 * sum('current')) / sum('total'))
  }
}
