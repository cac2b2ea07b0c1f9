import { SkepError } from '../gateway/core/errors.ts'
import type { Env } from './env.ts'
import { pairs } from './options.ts'
import { mentionedArguments } from './platform-arguments.ts'
import type { StackFunction } from './stack-schema.ts'
import type { Template } from './template.ts'

export interface OwnArguments {
  readonly entry: StackFunction
  readonly template: Template | undefined
  /** `KEY=VALUE` of --build-arg. */
  readonly given: readonly string[]
  /** Names of --build-option. */
  readonly buildOptions: readonly string[]
}

export interface ArgumentOptions extends OwnArguments {
  readonly env: Env
  /** What the image is for, and what builds it. */
  readonly platforms: readonly [target: string, build: string]
  readonly dockerfile: string
}

/** Every --build-arg of a build on this machine. */
export function buildArguments(options: ArgumentOptions): Record<string, string> {
  return {
    ...proxies(options.env),
    ...mentionedArguments(options.dockerfile, ...options.platforms),
    ...ownArguments(options),
  }
}

/** Those that the user gave; the command line's win over the file's. */
export function ownArguments(options: OwnArguments): Record<string, string> {
  const own = { ...options.entry.build_args, ...pairs(options.given, '--build-arg') }
  const packages = additionalPackages(options, own['ADDITIONAL_PACKAGE'])
  return { ...own, ...(packages !== '' && { ADDITIONAL_PACKAGE: packages }) }
}

/** The packages of all chosen build options of the template, each once, in order. */
function additionalPackages({ entry, template, buildOptions }: OwnArguments, own = ''): string {
  const chosen = [...entry.build_options, ...buildOptions].flatMap((name) => {
    const option = template?.build_options.find((option) => option.name === name)
    if (option) return option.packages
    const known = template?.build_options.map((option) => option.name).join(', ') || 'none'
    throw new SkepError('invalid_request', `The template has no build option "${name}".`, {
      hint: `Its build options: ${known}.`,
    })
  })
  return [...new Set([...chosen, ...own.split(/\s+/).filter(Boolean)])].toSorted().join(' ')
}

/** Docker knows these without an ARG and keeps them out of the image. */
function proxies({ variables }: Env): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy']
  return Object.fromEntries(names.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])))
}
