import { createReadStream } from 'node:fs'
import { SkepError } from '../../core/errors.ts'
import type { ImageBuild } from '../../core/image-build.ts'
import type { Engine, EngineStream } from './client.ts'
import { jsonLines } from './json-lines.ts'
import { pushImage } from './push.ts'

/** What a build may take of the machine: a runaway one must not end the functions beside it. */
const memoryBytes = 1024 ** 3
const detailLines = 20
/** Empty lines, and the classic builder's talk of its own containers. */
const noise = /^\s*$|^ ---> |^Removing intermediate container /

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
  const own = `${Os}/${Arch}`
  const id = await run(engine, build, own)
  const { Os: os, Architecture } = await engine.ask((docker) => docker.getImage(id).inspect())
  const { name, platform = own } = build
  if (!`${platform}/`.startsWith(`${os}/${Architecture}/`))
    throw wrongProcessor(name, platform, `${os}/${Architecture}`)
  const repo = registry === undefined ? `${gateway}-build/${name}` : `${registry}/${name}`
  const tag = id.replace('sha256:', '').slice(0, 12)
  await engine.ask((docker) => docker.getImage(id).tag({ repo, tag }))
  if (registry !== undefined) await pushImage(engine, `${repo}:${tag}`, build)
  await forgetOthers(engine, repo, tag)
  return `${repo}:${tag}`
}

async function run(engine: Engine, build: ImageBuild, own: string): Promise<string> {
  const { context, platform = own, signal, progress } = build
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  const [buildOs = '', buildArchitecture = ''] = own.split('/')
  const target = { TARGETPLATFORM: platform, TARGETOS: os, TARGETARCH: architecture, TARGETVARIANT: variant }
  const settings = {
    buildargs: { ...target, BUILDPLATFORM: own, BUILDOS: buildOs, BUILDARCH: buildArchitecture, ...build.arguments },
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
    if (error !== undefined) throw failed(name, error.trim(), said)
    if (aux?.ID !== undefined) return aux.ID
    for (const line of (text ?? '').split('\n').filter((line) => !noise.test(line))) {
      said.push(line)
      progress(line)
    }
    if (status?.startsWith('Pulling from')) progress('Pulling the base image …')
  }
  throw failed(name, 'the engine stopped talking', said)
}

/** Earlier builds of the name; what a revision needs of them it keeps under a name of its own. */
async function forgetOthers(engine: Engine, repo: string, tag: string): Promise<void> {
  const images = await engine.ask((docker) => docker.listImages({ filters: { reference: [`${repo}:*`] } }))
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== `${repo}:${tag}`)
  for (const name of names) await engine.ask((docker) => docker.getImage(name).remove()).catch(() => {}) // it is in use
}

function failed(name: string, reason: string, said: readonly string[]): SkepError {
  const isForeign = [reason, ...said].some((line) => line.includes('exec format error'))
  return new SkepError('build_failed', `The image of ${name} was not built: ${reason}.`, {
    detail: said.slice(-detailLines).join('\n'),
    ...(isForeign && {
      hint: 'The engine cannot run programs of that processor. On Debian: apt install qemu-user-static.',
    }),
  })
}

const wrongProcessor = (name: string, wanted: string, made: string): SkepError =>
  new SkepError('build_failed', `The image of ${name} is for ${made} and not for ${wanted}.`, {
    hint: 'See that its base image exists for that platform, and that no FROM in its Dockerfile names another.',
  })
