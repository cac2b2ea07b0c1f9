import { METHODS, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { InvalidArgumentError } from 'commander'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Context } from '../context.ts'
import { refusal } from '../gateway-error.ts'
import { openGateway } from '../gateway.ts'
import { bodyOf } from '../http-request.ts'
import { examples, functionVerb, pairs, repeatable, type FunctionVerbOptions } from '../options.ts'
import { signedBody, type SignOptions } from '../signed-body.ts'
import type { Define } from './verb.ts'

interface InvokeOptions extends FunctionVerbOptions, SignOptions {
  readonly async?: boolean
  readonly contentType: string
  readonly header: readonly string[]
  readonly method: string
  readonly query: readonly string[]
}

export const define: Define = (command, context) => {
  functionVerb(command)
    .argument('<name>', 'the function')
    .option('-m, --method <method>', 'the HTTP method', methodNamed, 'POST')
    .option('--content-type <type>', 'the type of the body', 'text/plain')
    .addOption(repeatable('--query <key=value>', 'a parameter of the query'))
    .addOption(repeatable('-H, --header <key=value>', 'a header'))
    .option('-a, --async', 'only put it in the queue')
    .option('--sign <header>', 'put a signature of the body into this header')
    .option('--key <key>', 'the key to sign with')
    .addHelpText(
      'after',
      examples(
        'echo Hi | skep invoke hello',
        'skep invoke hello -m GET --query name=Ada',
        'skep invoke hello -a < big.json',
      ),
    )
    .action((name: string, options: InvokeOptions) => invoke(context, name, options))
}

async function invoke(context: Context, name: string, options: InvokeOptions): Promise<void> {
  const gateway = await openGateway(context, options)
  const key = options.namespace === undefined ? name : `${name}.${options.namespace}`
  const query = new URLSearchParams(pairs(options.query, '--query')).toString()
  const { method } = options
  const hasBody = !context.input.isTTY && method !== 'GET' && method !== 'HEAD'
  const { body, headers } = await signedBody(context.input, options)
  const answer = await gateway.call(
    `/${options.async ? 'async-function' : 'function'}/${encodeURIComponent(key)}${query && `?${query}`}`,
    {
      method,
      headers: { 'Content-Type': options.contentType, ...headersOf(options.header), ...headers },
      ...(hasBody && { body }),
    },
  )
  // What is still to come on stdin is of no use any more and would keep us from ending.
  context.input.destroy()
  const status = answer.statusCode ?? 0
  // Only what has this header is the gateway's own answer.
  if (answer.headers['x-skep-error'] !== undefined) throw await refusal(answer, gateway.url)
  if (status < 200 || status > 299) throw await refused(key, answer, status)
  if (!options.async) return pipeline(answer, process.stdout, { end: false })
  await bodyOf(answer) // unread, it would keep the connection and us
  context.out.print(`Function submitted asynchronously. Call id: ${String(answer.headers['x-call-id'])}`)
}

function methodNamed(text: string): string {
  const method = text.toUpperCase()
  if (METHODS.includes(method)) return method
  throw new InvalidArgumentError('Use one such as GET, PUT or DELETE.')
}

/** `Name=value` as faas-cli has it, or `Name: value` as curl has it. */
function headersOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=:\s]+)\s*[=:]\s*(.*)$/s.exec(text) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new SkepError('invalid_request', `--header takes NAME=VALUE, not "${text}".`, {
        hint: 'Such as --header X-Colour=green.',
      })
    }),
  )
}

async function refused(name: string, answer: IncomingMessage, status: number): Promise<SkepError> {
  return new SkepError('upstream_failed', `${name} answered ${status} ${answer.statusMessage ?? ''}`.trim() + '.', {
    detail: await bodyOf(answer),
    hint: `That is its own answer; "skep logs ${name}" has what it wrote.`,
  })
}
