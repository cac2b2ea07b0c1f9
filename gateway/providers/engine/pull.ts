import type { Progress } from '../../core/progress.ts'
import type { Engine } from './client.ts'
import { jsonLines } from './json-lines.ts'
import { pullError } from './pull-error.ts'

interface PullMessage {
  readonly id?: string
  readonly status?: string
  readonly error?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
}

/** A registry that sends nothing for so long has gone away. */
const stallMs = 120_000

/** Fetches an image; rejects in words that say what to do. */
export async function pull(engine: Engine, image: string, progress: Progress): Promise<void> {
  progress(`Pulling ${image} …`)
  try {
    // An image without tag or digest means its `latest`, not all of its tags.
    const stream = await engine.ask((docker) => docker.pull(image))
    await readToEnd(stream, image, progress)
  } catch (error) {
    throw pullError(image, error)
  }
}

async function readToEnd(stream: NodeJS.ReadableStream, image: string, progress: Progress): Promise<void> {
  const tell = percentTeller(image, progress)
  const abandon = () =>
    (stream as NodeJS.ReadableStream & { destroy(e: Error): void }).destroy(new Error('i/o timeout'))
  const stalled = setTimeout(abandon, stallMs)
  try {
    for await (const message of jsonLines<PullMessage>(stream)) {
      stalled.refresh()
      if (message.error !== undefined) throw new Error(message.error)
      tell(message)
    }
  } finally {
    clearTimeout(stalled)
  }
}

/** Says how far all layers together are, each time that it is another tenth. */
function percentTeller(image: string, progress: Progress): (message: PullMessage) => void {
  const layers = new Map<string, { current: number; total: number }>()
  let told = 0
  return ({ id, status, progressDetail }) => {
    if (id === undefined || status !== 'Downloading' || !progressDetail?.total) return
    layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total })
    const sum = (of: 'current' | 'total') => [...layers.values()].reduce((total, layer) => total + layer[of], 0)
    const tenth = Math.floor((sum('current') / sum('total')) * 10)
    if (tenth <= told) return
    told = tenth
    progress(`Pulling ${image}: ${tenth * 10}%`)
  }
}
