import { offersBuildKit } from '../../buildkit/build.ts'
import { wrongProcessor } from '../../core/build-failure.ts'
import type { ImageBuild } from '../../core/image-build.ts'
import { isFor } from '../../core/platform.ts'
import { type BuildSite, runBuilder } from './builder.ts'
import type { Engine } from './client.ts'
import { pushImage } from './push.ts'

export interface BuildPlace {
  readonly engine: Engine
  readonly gateway: string
  /** Where images go; without one they stay on this engine. */
  readonly registry: string | undefined
  /** Whether to build with BuildKit; undefined: as the engine prefers. */
  readonly buildKit: boolean | undefined
}

/**
 * Builds on this engine; resolves with the image's name, which no later build gets. The build's containers are in the
 * engine's own network, apart from functions, gateway and store, and are given no credentials for anything.
 */
export async function buildImage(place: BuildPlace, build: ImageBuild): Promise<string> {
  const { engine, gateway, registry } = place
  const { Os, Arch } = await engine.ask((docker) => docker.version())
  const buildKit = place.buildKit ?? (await engine.ask((docker) => offersBuildKit(docker.modem)))
  const id = await rightImage({ engine, buildKit, platform: `${Os}/${Arch}` }, build)
  const { name } = build
  const repo = registry === undefined ? `${gateway}-build/${name}` : `${registry}/${name}`
  const tag = id.replace('sha256:', '').slice(0, 12)
  await engine.ask((docker) => docker.getImage(id).tag({ repo, tag }))
  if (registry !== undefined) await pushImage(engine, `${repo}:${tag}`, build)
  await forgetOthers(engine, repo, tag)
  return `${repo}:${tag}`
}

/** The id of an image for the platform that is asked for. */
async function rightImage(site: BuildSite, build: ImageBuild): Promise<string> {
  const { name, platform, cache } = build
  const id = await runBuilder(site, build)
  if (platform === undefined) return id
  const { Os, Architecture } = await site.engine.ask((docker) => docker.getImage(id).inspect())
  const made = `${Os}/${Architecture}`
  if (isFor(platform, made)) return id
  // What the classic builder once made FROM scratch for one processor it takes out of its cache for every other.
  if (cache) return rightImage(site, { ...build, cache: false })
  throw wrongProcessor(name, platform, made)
}

/** Earlier builds of the name; what a revision needs of them it keeps under a name of its own. */
async function forgetOthers(engine: Engine, repo: string, tag: string): Promise<void> {
  const images = await engine.ask((docker) => docker.listImages({ filters: { reference: [`${repo}:*`] } }))
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== `${repo}:${tag}`)
  for (const name of names) await engine.ask((docker) => docker.getImage(name).remove()).catch(() => {}) // it is in use
}
