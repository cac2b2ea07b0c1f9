import { messageOf, SkepError } from '../gateway/core/errors.ts'
import { builtFunctions } from './build-functions.ts'
import type { Context } from './context.ts'
import type { GatewayClient } from './gateway-client.ts'
import { imageName } from './image-name.ts'
import { inParallel } from './in-parallel.ts'
import type { TagMode } from './options.ts'
import { platformImage, platformsOf, type PlatformFlags } from './platforms.ts'
import { progressOn } from './progress.ts'
import { type Pusher, pushersFor } from './pusher.ts'
import { invalidStack, type Stack } from './stack.ts'

export interface PushFlags extends PlatformFlags {
  readonly parallel: number
  readonly tag: TagMode
  readonly quiet?: boolean
}

/** Pushes the image of every function that is built here. */
export async function pushFunctions(
  context: Context,
  stack: Stack,
  { gateway, ...flags }: PushFlags & { readonly gateway: GatewayClient },
): Promise<void> {
  const functions = builtFunctions(stack)
  if (functions.length === 0) return context.out.note('There is nothing to push.')
  const homeless = functions.filter(([, { image }]) => !image?.includes('/'))
  if (homeless.length > 0) {
    throw invalidStack(homeless.map(([name]) => stack.about(['functions', name, 'image'], noRegistry)))
  }
  const { connectEngine } = await import('./docker.ts')
  const pusherOf = await pushersFor(await connectEngine(context.env), context.env, gateway)
  const progress = progressOn(context.out, flags.quiet)
  try {
    await inParallel(context.out, functions, flags.parallel, async (name, entry) => {
      const handler = entry.handler && stack.locate(entry.handler)
      const image = await imageName(entry.image ?? name, flags.tag, context.cwd, handler)
      const platforms = platformsOf(name, entry, flags)
      const tell: Tell = (one, percent) => progress.doing(name, `pushing ${one}`, percent)
      tell(image)
      const pusher = pusherOf(image)
      const pushed =
        platforms.length < 2
          ? pusher.push(image, (percent) => tell(image, percent))
          : pushForAll(pusher, image, platforms, tell)
      await pushed.catch((cause: unknown) => Promise.reject(notPushed(image, cause)))
      progress.done(name, `pushed ${image}${platforms.length > 0 ? ` for ${platforms.join(', ')}` : ''}`)
    })
  } finally {
    progress.close()
  }
}

/** Each image under its own name, then the list of them under the one that deploys use. */
async function pushForAll(pusher: Pusher, image: string, platforms: readonly string[], tell: Tell): Promise<void> {
  const parts = platforms.map((platform) => ({ platform, image: platformImage(image, platform) }))
  for (const part of parts) await pusher.push(part.image, (percent) => tell(part.image, percent))
  await pusher.pushList(image, parts)
}

type Tell = (image: string, percent?: number) => void

const noRegistry =
  'needs a registry or a user in front of its name, as 127.0.0.1:5000/hello ("skep new --prefix" writes it)'

const notPushed = (image: string, cause: unknown) =>
  cause instanceof SkepError && cause.code === 'unauthorized'
    ? cause
    : new SkepError('push_failed', `The image ${image} was not pushed: ${messageOf(cause).trim()}.`, {
        cause,
        hint: isMissingHere(image, cause) ? startOne : lookAtIt,
      })

/** The name that `skep new` writes is that of a registry on this machine, which nobody may have started yet. */
const isMissingHere = (image: string, cause: unknown) =>
  image.startsWith('127.0.0.1:5000/') && messageOf(cause).includes('connection refused')

const startOne =
  'Start a registry, "docker run -d -p 127.0.0.1:5000:5000 registry:2", or deploy with "skep up --skip-push" if the gateway uses this engine.'

const lookAtIt = 'Is the registry running, was the image built here, and did you log in with "docker login"?'
