import { createHash } from 'node:crypto'
import { messageOf, SkepError } from '../gateway/core/errors.ts'
import { ownRegistry, registryOf } from '../gateway/core/registry.ts'
import { registryLogin } from './docker-login.ts'
import type { Env } from './env.ts'
import type { GatewayClient } from './gateway-client.ts'
import { splitImage } from './image-name.ts'
import { pushedManifest, uploadList } from './image-upload.ts'
import { hasRegistry } from './pusher.ts'
import { type PlatformPart, pushList } from './registry.ts'

/** Puts images of one repository, each for another platform, under one name; resolves with that. Each node takes its own. */
export async function joinImages(parts: readonly PlatformPart[], env: Env, gateway: GatewayClient): Promise<string> {
  const names = parts.map(({ image }) => image)
  const { name } = splitImage(names[0] ?? '')
  // As the gateway names what it builds: no later build gets it.
  const tag = createHash('sha256').update(names.join()).digest('hex').slice(0, 12)
  const image = `${name}:${tag}`
  try {
    const isBehind = registryOf(image) === ownRegistry && (await hasRegistry(gateway))
    if (isBehind) await joinBehind(image, parts, gateway)
    else await pushList(image, parts, await registryLogin(env, image))
    return image
  } catch (cause) {
    throw notJoined(names, cause)
  }
}

/** In the registry of the stack, which is reached through the gateway. */
async function joinBehind(image: string, parts: readonly PlatformPart[], gateway: GatewayClient): Promise<void> {
  const targetOf = (one: string) => {
    const { name, tag } = splitImage(one)
    return { gateway, repository: name.slice(ownRegistry.length + 1), tag }
  }
  const pushed = parts.map(async (part) => ({
    platform: part.platform,
    image: await pushedManifest(targetOf(part.image)),
  }))
  await uploadList(targetOf(image), await Promise.all(pushed))
}

const notJoined = (images: readonly string[], cause: unknown) =>
  new SkepError('push_failed', `${images.join(' and ')} were built, but not put under one name: ${messageOf(cause)}`, {
    cause,
    hint: 'That needs SKEP_REGISTRY of the gateway to be its stack’s registry, or one that this machine reaches too.',
  })
