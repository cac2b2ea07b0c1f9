import { messageOf, SkepError } from '../core/errors.ts'
import type { Progress } from '../core/ports.ts'
import type { Engine } from './docker-client.ts'
import { jsonLines } from './docker-json-lines.ts'

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

/** The engine gives all of this as prose, and each registry in its own. */
const explanations: readonly (readonly [RegExp, (image: string) => SkepError])[] = [
  [
    /no matching manifest for|does not match the specified platform/,
    (image) =>
      refused(
        `${image} is not made for this engine’s kind of processor.`,
        'Build and push it for this platform as well.',
      ),
  ],
  [
    /unauthorized|denied|authentication required|no basic auth|forbidden/i,
    (image) =>
      refused(
        `The registry does not give ${image} to this engine: it does not exist, or one has to log in.`,
        'Look at the name, or `docker pull` it on the engine’s machine first, where you are logged in.',
      ),
  ],
  [
    /not found|manifest unknown|name unknown|repository .* does not exist/i,
    (image) => refused(`There is no image ${image}.`, 'Look at its name and tag; was it pushed?'),
  ],
  [
    /invalid reference format|invalid repository name|invalid tag/,
    (image) => refused(`"${image}" is not an image’s name.`, 'Use name:tag or name@sha256:…, in lower case.'),
  ],
  [
    /no space left on device/,
    (image) =>
      unavailable(
        `The engine has no space left for ${image}.`,
        '`docker system df` shows what takes it; prune or grow.',
      ),
  ],
  [
    /server gave HTTP response to HTTPS client/,
    (image) =>
      refused(
        `The registry of ${image} speaks plain HTTP, which the engine does not trust.`,
        'Name it in "insecure-registries" of the engine’s daemon.json, or give it a certificate.',
      ),
  ],
  [
    /dial tcp|i\/o timeout|no such host|connection refused|TLS|x509|EOF|network is unreachable|Client\.Timeout/i,
    (image) =>
      unavailable(`The registry of ${image} does not answer the engine.`, 'Try again, or look at its address.'),
  ],
]

export function pullError(image: string, error: unknown): SkepError {
  if (error instanceof SkepError && error.code === 'provider_unavailable') return error
  const said = messageOf(error)
  const explain = explanations.find(([words]) => words.test(said))?.[1] ?? other
  const { code, message, hint } = explain(image)
  return new SkepError(code, message, { ...(hint === undefined ? {} : { hint }), detail: said, cause: error })
}

const refused = (message: string, hint: string) => new SkepError('invalid_request', message, { hint })
const unavailable = (message: string, hint: string) => new SkepError('provider_unavailable', message, { hint })
const other = (image: string) => refused(`${image} cannot be pulled.`, 'The detail has the engine’s own words.')
