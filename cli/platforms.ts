import { InvalidArgumentError, type Command } from 'commander'
import { SkepError } from '../gateway/core/errors.ts'
import { platformPattern } from '../gateway/core/platform.ts'
import { splitImage } from './image-name.ts'
import type { StackFunction } from './stack-schema.ts'

export interface PlatformFlags {
  /** Of --platforms: `linux/arm64`. */
  readonly platforms?: readonly string[]
  /** `publish` also heeds the field `platforms` of the stack file, as faas-cli has it. */
  readonly heedsFile?: boolean
}

export function platformsOption(command: Command): Command {
  return command.option('--platforms <list>', 'for which processors, such as linux/arm64,linux/amd64', (text) => {
    const found = parsed(text)
    if (found) return found
    throw new InvalidArgumentError(wanted)
  })
}

/** What an image is made for; empty: for the engine that makes it, whatever that is. */
export function platformsOf(name: string, entry: StackFunction, flags: PlatformFlags): readonly string[] {
  if (flags.platforms) return flags.platforms
  if (!flags.heedsFile || entry.platforms === undefined) return []
  const found = parsed(entry.platforms)
  if (found) return found
  throw new SkepError('invalid_request', `The platforms of ${name} are "${entry.platforms}".`, {
    hint: wanted,
  })
}

/** `hello:1` for linux/arm/v7 is `hello:1-arm-v7`, until a list of all of them has the name `hello:1`. */
export function platformImage(image: string, platform: string): string {
  const { name, tag } = splitImage(image)
  return `${name}:${tag}-${platform.split('/').slice(1).join('-')}`
}

const wanted = 'Use such as linux/arm64,linux/amd64.'

function parsed(text: string): readonly string[] | undefined {
  const all = [...new Set(text.split(',').map((one) => one.trim()))]
  return all.every((one) => platformPattern.test(one)) ? all : undefined
}
