import { createReadStream } from 'node:fs'
import { startBuild } from '../../buildkit/build.ts'
import { type BuilderMessage, traceReader } from '../../buildkit/trace.ts'
import { keepLast, notBuilt, toldLines } from '../../core/build-failure.ts'
import type { ImageBuild } from '../../core/image-build.ts'
import { platformArguments } from '../../core/platform.ts'
import type { Engine, EngineStream } from './client.ts'
import { jsonLines } from './json-lines.ts'

/** What a step may take of the machine: a runaway one must not end the functions beside it. BuildKit knows no such limit. */
const memoryBytes = 1024 ** 3

export interface BuildSite {
  readonly engine: Engine
  readonly buildKit: boolean
  /** What the engine itself runs on: `linux/arm64`. */
  readonly platform: string
}

/** One run of one of the engine's builders; resolves with the image's id. */
export async function runBuilder({ engine, buildKit, platform: own }: BuildSite, build: ImageBuild): Promise<string> {
  const { context, platform = own, signal, progress } = build
  signal.throwIfAborted()
  const settings = {
    buildargs: { ...platformArguments(platform, own), ...build.arguments },
    labels: build.labels,
    nocache: !build.cache,
    ...(build.platform !== undefined && { platform }),
  }
  progress('Building …')
  const files = createReadStream(context)
  try {
    const stream = await engine.ask((docker) =>
      buildKit
        ? // Nothing is answered: a build has no credentials of the gateway.
          startBuild(docker.modem, { context: files, settings: { ...settings, pull: build.pull }, answers: {} })
        : (docker.buildImage(files, { ...settings, ...classicOnly(build) }) as Promise<EngineStream>),
    )
    // The engine gives up what nobody listens to.
    const leave = (): void => void stream.destroy(signal.reason as Error)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    return await imageOf(stream, build).finally(() => signal.removeEventListener('abort', leave))
  } finally {
    files.destroy()
  }
}

const classicOnly = ({ pull, platform }: ImageBuild) => ({
  // For a platform always: under a base image's name the engine may have the one for another.
  pull: pull || platform !== undefined,
  forcerm: true,
  networkmode: 'bridge',
  memory: memoryBytes,
})

async function imageOf(stream: EngineStream, { name, progress }: ImageBuild): Promise<string> {
  const said: string[] = []
  let id: string | undefined
  const read = traceReader()
  for await (const message of jsonLines<BuilderMessage>(stream)) {
    for (const { stream: text, status, error, failed, aux } of read(message)) {
      if (error !== undefined) throw notBuilt(name, error, failed ?? said)
      // The classic builder tells one after each FROM, and the last is the image's.
      id = (aux as { ID?: string } | undefined)?.ID ?? id
      for (const line of toldLines(text ?? '')) {
        keepLast(said, line)
        progress(line)
      }
      if (status?.startsWith('Pulling from')) progress('Pulling the base image …')
    }
  }
  if (id === undefined) throw notBuilt(name, 'the engine stopped talking', said)
  return id
}
