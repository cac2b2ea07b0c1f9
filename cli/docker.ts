import type { Readable } from 'node:stream'
import Docker, { type ImageBuildOptions, type ImagePushOptions, type RegistryConfig } from 'dockerode'
import { offersBuildKit, startBuild } from '../gateway/buildkit/build.ts'
import type { Answers } from '../gateway/buildkit/session.ts'
import { messageOf, SkepError } from '../gateway/core/errors.ts'
import { engineOptions } from './docker-host.ts'
import { followEvents, type EngineEvent } from './engine-events.ts'
import type { Env } from './env.ts'
import { splitImage } from './image-name.ts'
import { allRegistryLogins, hostLogin, registryLogin } from './docker-login.ts'

/** The Docker Engine, as far as building and pushing need it. Loaded only by them: dockerode costs 200 ms at the start. */
export interface Engine {
  /** `linux/arm64`: what images are built for. */
  readonly platform: string
  readonly hasBuildKit: boolean
  build(build: EngineBuild, heard: (event: EngineEvent) => void): Promise<BuiltImage>
  /** Gives an image one more name. */
  tag(image: string, as: string): Promise<void>
  /** What `docker save` writes. */
  save(image: string): Promise<Readable>
  push(image: string, heard: (event: EngineEvent) => void): Promise<void>
}

export interface EngineBuild {
  /** A tar. */
  readonly context: Readable
  readonly options: ImageBuildOptions
  /** What BuildKit may ask for; none: the classic builder builds. */
  readonly answers: Answers | undefined
}

export interface BuiltImage {
  /** In bytes. */
  readonly size: number
  /** What it is for, without the variant: `linux/arm`. */
  readonly platform: string
}

export async function connectEngine(env: Env): Promise<Engine> {
  const docker = new Docker(await engineOptions(env))
  const { Os, Arch } = await docker.version().catch((cause: unknown) => Promise.reject(noEngine(cause)))
  return {
    platform: `${Os}/${Arch}`,
    hasBuildKit: env.dockerBuildKit ?? (await offersBuildKit(docker.modem)),
    async build({ context, options, answers }, heard) {
      const login = (host: string) => hostLogin(env, host)
      const stream = answers
        ? await startBuild(docker.modem, { context, settings: options, answers: { ...answers, login } })
        : await docker.buildImage(context, { ...options, registryconfig: await loginsOf(env) })
      await followEvents(stream, heard)
      const { Size, Os, Architecture } = await docker.getImage(String(options.t)).inspect()
      return { size: Size, platform: `${Os}/${Architecture}` }
    },
    async tag(image, as) {
      const { name, tag } = splitImage(as)
      await docker.getImage(image).tag({ repo: name, tag })
    },
    save: async (image) => (await docker.getImage(image).get()) as Readable,
    async push(image, heard) {
      const { name, tag } = splitImage(image)
      // The engine wants to see a login even where none is needed; an empty one will do.
      const options: ImagePushOptions = { tag, authconfig: await registryLogin(env, image) }
      await followEvents(await docker.getImage(name).push(options), heard)
    },
  }
}

/** The engine reads the URL-safe alphabet; dockerode would send the other one, and its types know nothing of `base64`. */
async function loginsOf(env: Env): Promise<RegistryConfig> {
  const text = Buffer.from(JSON.stringify(await allRegistryLogins(env))).toString('base64')
  return { base64: text.replaceAll('+', '-').replaceAll('/', '_') } as unknown as RegistryConfig
}

const noEngine = (cause: unknown) =>
  new SkepError('provider_unavailable', `No Docker engine answers (${messageOf(cause).trim()}).`, {
    cause,
    hint: 'Start Docker, or set DOCKER_HOST to where it listens. With the process provider no engine is needed.',
  })
