import { SkepError } from '../../core/errors.ts'
import type { ImageBuild } from '../../core/image-build.ts'
import type { Engine, EngineStream } from './client.ts'
import { jsonLines } from './json-lines.ts'

interface PushMessage {
  readonly error?: string
}

/** Pushes to the gateway's registry. */
export async function pushImage(engine: Engine, image: string, { progress, signal }: ImageBuild): Promise<void> {
  signal.throwIfAborted()
  progress(`Pushing ${image} …`)
  const authconfig = { username: '', password: '' } // the engine wants to see one
  const stream = (await engine.ask((docker) => docker.getImage(image).push({ authconfig }))) as EngineStream
  const leave = (): void => void stream.destroy(signal.reason as Error)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    for await (const { error } of jsonLines<PushMessage>(stream)) if (error !== undefined) throw notPushed(image, error)
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

const notPushed = (image: string, reason: string): SkepError =>
  new SkepError('push_failed', `${image} was built but not pushed: ${reason.trim()}.`, {
    hint: 'Is the registry that SKEP_REGISTRY names running, and has the gateway its login?',
  })
