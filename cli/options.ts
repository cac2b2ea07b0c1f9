import { InvalidArgumentError, Option, type Command } from 'commander'
import { SkepError } from '../gateway/core/errors.ts'
import { parseDuration } from '../gateway/core/units.ts'

export interface StackOptions {
  readonly yaml?: string
  readonly filter?: string
  readonly regex?: string
  readonly envsubst?: boolean
}

/** For verbs that look at the stack file only to find the gateway. */
export function stackFileOption(command: Command): Command {
  return command
    .option('-f, --yaml <file>', 'the stack file, or its URL (default: stack.yaml, then stack.yml)')
    .option('--no-envsubst', 'leave ${VARIABLES} in the stack file as they are')
}

export function stackOptions(command: Command): Command {
  return stackFileOption(command)
    .option('--filter <wildcard>', 'only functions whose name matches, such as "shop-*"')
    .option('--regex <expression>', 'only functions whose name matches this expression')
}

export interface GatewayOptions extends StackOptions {
  readonly gateway?: string
  readonly tlsNoVerify?: boolean
  readonly token?: string
}

export function gatewayOptions(command: Command): Command {
  return command
    .option('-g, --gateway <url>', 'the gateway (default: the stack file’s, then $OPENFAAS_URL, then this machine)')
    .option('-k, --token <token>', 'send this bearer token instead of the stored login')
    .option('--tls-no-verify', 'accept any certificate')
}

const tagModes = ['latest', 'sha', 'branch', 'describe', 'digest'] as const
export type TagMode = (typeof tagModes)[number]

export function namespaceOption(command: Command): Command {
  return command.option('-n, --namespace <name>', 'the function’s namespace')
}

export function imageOptions(command: Command): Command {
  const described = 'take the image’s tag from the file, from git, or from the handler’s content'
  return command.addOption(new Option('--tag <from>', described).choices(tagModes).default('latest'))
}

function parallelOptions(command: Command): Command {
  return command
    .option('--parallel <number>', 'work on that many functions at the same time', atLeastOne, 1)
    .option('--quiet', 'print results only')
}

/** A verb that asks a gateway; the stack file only says which. */
export const gatewayVerb = (command: Command): Command => gatewayOptions(stackFileOption(command))

export interface FunctionVerbOptions extends GatewayOptions {
  readonly namespace?: string
}

/** The same for what has a namespace. */
export const functionVerb = (command: Command): Command => namespaceOption(gatewayVerb(command))

/** A verb that works on the images of a stack file's functions. */
export const imageVerb = (command: Command): Command =>
  parallelOptions(imageOptions(gatewayOptions(stackOptions(command))))

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  const collect = (value: string, previous: readonly string[]) => [...previous, value]
  return new Option(flags, `${description}; may be repeated`).argParser(collect).default([], 'none')
}

export function count(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Use a whole number.')
}

export function atLeastOne(text: string): number {
  const number = count(text)
  if (number > 0) return number
  throw new InvalidArgumentError('Use 1 or more.')
}

export function portNumber(text: string): number {
  const number = count(text)
  if (number < 65536) return number
  throw new InvalidArgumentError('Use a port, up to 65535.')
}

export function milliseconds(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError('Use a duration such as 30s or 5m.')
}

/** The same as it was given, for a gateway to read. */
export function duration(text: string): string {
  milliseconds(text)
  return text
}

export function url(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('Use a URL such as http://127.0.0.1:8080.')
}

export function time(text: string): string {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  throw new InvalidArgumentError('Use a time such as 2030-01-31T08:00:00Z.')
}

/** `KEY=VALUE` texts as a map. */
export function pairs(texts: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
      throw new SkepError('invalid_request', `${flag} takes KEY=VALUE, not "${text}".`, {
        hint: `Such as ${flag} colour=green.`,
      })
    }),
  )
}

/** Examples below a verb's flags; each line is one command. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
