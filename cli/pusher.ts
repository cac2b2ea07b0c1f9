import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownRegistry, registryOf } from '../gateway/core/registry.ts'
import { registryLogin } from './docker-login.ts'
import type { Engine } from './docker.ts'
import { layerProgress } from './engine-events.ts'
import type { Env } from './env.ts'
import type { GatewayClient } from './gateway-client.ts'
import { type Descriptor, uploadImage, uploadList } from './image-upload.ts'
import { splitImage } from './image-name.ts'
import { type PlatformPart, pushList } from './registry.ts'
import { readSaved } from './saved-image.ts'

/** A way for images to their registry. */
export interface Pusher {
  push(image: string, tell: (percent?: number) => void): Promise<void>
  /** Images that were pushed, under one name. */
  pushList(image: string, parts: readonly PlatformPart[]): Promise<void>
}

/** The engine's own way, with the logins of `docker login`. */
function enginePusher(engine: Engine, env: Env): Pusher {
  return {
    async push(image, tell) {
      const percentOf = layerProgress()
      await engine.push(image, (event) => tell(percentOf(event)))
    },
    pushList: async (image, parts) => pushList(image, parts, await registryLogin(env, image)),
  }
}

/**
 * Through the gateway into the registry of its stack, with the gateway's login. The engine only hands the image out: it
 * would want a certificate for every registry that is not on its own machine.
 */
function gatewayPusher(engine: Engine, gateway: GatewayClient): Pusher {
  const uploaded = new Map<string, Descriptor>()
  const targetOf = (image: string) => {
    const { name, tag } = splitImage(image)
    return { gateway, repository: name.slice(ownRegistry.length + 1), tag }
  }
  return {
    async push(image, tell) {
      const folder = await mkdtemp(join(tmpdir(), 'skep-push-'))
      try {
        const saved = await readSaved(await engine.save(image), folder)
        uploaded.set(image, await uploadImage(targetOf(image), saved, tell))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    async pushList(image, parts) {
      const known = parts.flatMap((part) => {
        const descriptor = uploaded.get(part.image)
        return descriptor ? [{ platform: part.platform, image: descriptor }] : []
      })
      await uploadList(targetOf(image), known)
    },
  }
}

/** The way for each image: the stack's own registry is reached through the gateway, if it has one. */
export async function pushersFor(engine: Engine, env: Env, gateway: GatewayClient): Promise<(image: string) => Pusher> {
  const direct = enginePusher(engine, env)
  const through = (await hasRegistry(gateway)) ? gatewayPusher(engine, gateway) : direct
  return (image) => (registryOf(image) === ownRegistry ? through : direct)
}

/** A gateway of another kind, or none at all, leaves `127.0.0.1:5000` to a registry of this machine. */
export async function hasRegistry(gateway: GatewayClient): Promise<boolean> {
  const answer = await gateway.call('/v2/', {}).catch(() => undefined)
  answer?.resume()
  return answer?.headers['docker-distribution-api-version'] !== undefined
}
