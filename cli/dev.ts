import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { asSkepError } from '../gateway/core/errors.ts'
import { functionKey } from '../gateway/core/names.ts'
import type { FunctionSpec } from '../gateway/core/spec.ts'
import type { Context } from './context.ts'
import { requestDeploy } from './deploy-request.ts'
import { stackToBuild } from './function-options.ts'
import type { GatewayClient } from './gateway-client.ts'
import type { StackOptions } from './options.ts'
import { noFlags, specsOf } from './specs.ts'
import { stackFileFor, type Stack } from './stack.ts'
import { watchPaths } from './watch-paths.ts'

/** Deploys the stack file's functions and again what changes, until the signal aborts. Mistakes are told, and it goes on. */
export async function develop(
  context: Context,
  gateway: GatewayClient,
  options: StackOptions,
  signal: AbortSignal,
): Promise<void> {
  const file = await stackFileFor(context, options)
  let before: readonly string[] = []
  while (!signal.aborted) {
    const stack = await stackToBuild(context, options).catch((error: unknown) => told(context, error))
    if (stack) before = await leaveOut(gateway, before, stack)
    await untilStackChanges({ context, gateway, file: resolve(context.cwd, file), stack, signal })
  }
}

interface Round {
  readonly context: Context
  readonly gateway: GatewayClient
  readonly file: string
  readonly stack: Stack | undefined
  readonly signal: AbortSignal
}

/** Deploys all of this stack, then those whose folders change, until what describes them changes. */
async function untilStackChanges({ context, gateway, file, stack, signal }: Round): Promise<void> {
  const handlerOf = new Map(stack?.functions.map(([name, { handler = '.' }]) => [name, stack.locate(handler)]))
  const environment = (stack?.functions ?? []).flatMap(([, entry]) => entry.environment_file)
  const described = [file, ...environment.flatMap((path) => stack?.locate(path) ?? [])]
  const watching = watchPaths([...new Set([...described, ...handlerOf.values()])].filter(existsSync))
  try {
    if (stack) await deployAll(context, gateway, stack)
    while (!signal.aborted) {
      const changed = await watching.next(signal)
      if (described.some((path) => changed.has(path))) return
      const isConcerned = ([name]: Stack['functions'][number]) => changed.has(handlerOf.get(name) ?? '')
      if (stack) await deployAll(context, gateway, { ...stack, functions: stack.functions.filter(isConcerned) })
    }
  } finally {
    watching.close()
  }
}

async function deployAll(context: Context, gateway: GatewayClient, stack: Stack): Promise<void> {
  const flags = { ...noFlags, tag: 'latest' } as const
  const specs = await specsOf({ context, stack, flags, runsFolders: true }).catch((error: unknown) =>
    told(context, error),
  )
  for (const spec of specs ?? []) await deploy(context, gateway, spec).catch((error: unknown) => told(context, error))
}

async function deploy({ out }: Context, gateway: GatewayClient, spec: FunctionSpec): Promise<void> {
  const began = performance.now()
  const key = functionKey(spec)
  const { revision } = await requestDeploy(gateway, spec, { method: 'update', progress() {} })
  const took = `${Math.round(performance.now() - began)} ms`
  out.print(`${out.paint('green', key)}: revision ${revision} after ${took}, at ${gateway.url}/function/${key}`)
}

/** Removes those that the stack file names no more; resolves with those that it names. */
async function leaveOut(gateway: GatewayClient, before: readonly string[], { functions }: Stack): Promise<string[]> {
  const names = functions.map(([name, { namespace }]) => functionKey({ name, namespace }))
  for (const gone of before.filter((name) => !names.includes(name))) await gateway.remove(gone).catch(() => {}) // it never stood
  return names
}

function told({ out }: Context, error: unknown): undefined {
  out.fail(asSkepError(error))
}
