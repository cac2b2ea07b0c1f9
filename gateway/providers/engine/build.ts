import { createReadStream } from 'node:fs'
import { notBuilt, toldLines, wrongProcessor } from '../../core/build-failure.ts'
import type { ImageBuild } from '../../core/image-build.ts'
import { isFor, platformArguments } from '../../core/platform.ts'
import type { Engine, EngineStream } from './client.ts'
import { jsonLines } from './json-lines.ts'
import { pushImage } from './push.ts'

/** What a build may take of the machine: a runaway one must not end the functions beside it. */
const memoryBytes = 1024 ** 3

interface BuildMessage {
  readonly stream?: string
  readonly status?: string
  readonly error?: string
  readonly aux?: { readonly ID?: string }
}

export interface BuildPlace {
  readonly engine: Engine
  readonly gateway: string
  /** Where images go; without one they stay on this engine. */
  readonly registry: string | undefined
}

/**
 * Builds on this engine; resolves with the image's name, which no later build gets. The build's containers are in the
 * engine's own network, apart from functions, gateway and store, and are given no credentials for anything.
 */
export async function buildImage({ engine, gateway, registry }: BuildPlace, build: ImageBuild): Promise<string> {
  const { Os, Arch } = await engine.ask((docker) => docker.version())
  const id = await rightImage(engine, build, `${Os}/${Arch}`)
  const { name } = build
  const repo = registry === undefined ? `${gateway}-build/${name}` : `${registry}/${name}`
  const tag = id.replace('sha256:', '').slice(0, 12)
  await engine.ask((docker) => docker.getImage(id).tag({ repo, tag }))
  if (registry !== undefined) await pushImage(engine, `${repo}:${tag}`, build)
  await forgetOthers(engine, repo, tag)
  return `${repo}:${tag}`
}

/** The id of an image for the platform that is asked for. */
async function rightImage(engine: Engine, build: ImageBuild, own: string): Promise<string> {
  const { name, platform, cache } = build
  const id = await run(engine, build, own)
  if (platform === undefined) return id
  const { Os, Architecture } = await engine.ask((docker) => docker.getImage(id).inspect())
  const made = `${Os}/${Architecture}`
  if (isFor(platform, made)) return id
  // What the classic builder once made FROM scratch for one processor it takes out of its cache for every other.
  if (cache) return rightImage(engine, { ...build, cache: false }, own)
  throw wrongProcessor(name, platform, made)
}

async function run(engine: Engine, build: ImageBuild, own: string): Promise<string> {
  const { context, platform = own, signal, progress } = build
  const settings = {
    buildargs: { ...platformArguments(platform, own), ...build.arguments },
    labels: build.labels,
    nocache: !build.cache,
    // For a platform always: under a base image's name the engine may have the one for another.
    pull: build.pull || build.platform !== undefined,
    forcerm: true,
    networkmode: 'bridge',
    memory: memoryBytes,
    ...(build.platform !== undefined && { platform }),
  }
  progress('Building …')
  const stream = (await engine.ask((docker) => docker.buildImage(createReadStream(context), settings))) as EngineStream
  // The engine gives up what nobody listens to.
  const leave = (): void => void stream.destroy(signal.reason as Error)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  return imageOf(stream, build).finally(() => signal.removeEventListener('abort', leave))
}

async function imageOf(stream: EngineStream, { name, progress }: ImageBuild): Promise<string> {
  const said: string[] = []
  for await (const { stream: text, status, error, aux } of jsonLines<BuildMessage>(stream)) {
    if (error !== undefined) throw notBuilt(name, error, said)
    if (aux?.ID !== undefined) return aux.ID
    for (const line of toldLines(text ?? '')) {
      said.push(line)
      progress(line)
    }
    if (status?.startsWith('Pulling from')) progress('Pulling the base image …')
  }
  throw notBuilt(name, 'the engine stopped talking', said)
}

/** Earlier builds of the name; what a revision needs of them it keeps under a name of its own. */
async function forgetOthers(engine: Engine, repo: string, tag: string): Promise<void> {
  const images = await engine.ask((docker) => docker.listImages({ filters: { reference: [`${repo}:*`] } }))
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== `${repo}:${tag}`)
  for (const name of names) await engine.ask((docker) => docker.getImage(name).remove()).catch(() => {}) // it is in use
}
