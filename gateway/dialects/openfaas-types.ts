import { z } from 'zod'
import type { DeployedFunction } from '../core/function.ts'
import { CanaryPlan, stepOf } from '../core/canary.ts'
import { SkepError } from '../core/errors.ts'
import { defaultNamespace } from '../core/names.ts'
import { problemsOf } from '../core/problems.ts'
import { FunctionSpec } from '../core/spec.ts'
import type { Usage } from '../core/usage.ts'

// Old clients really send `null` for what they leave out.
const Strings = z.record(z.string(), z.string()).nullish()
const List = z.array(z.string()).nullish()
const Resources = z.record(z.string(), z.unknown()).nullish()

/** The body of a deploy. Its values are judged by FunctionSpec; here only the names are translated. */
const Deployment = z.object({
  service: z.unknown().optional(),
  image: z.unknown().optional(),
  namespace: z.string().nullish(),
  envProcess: z.string().nullish(),
  envVars: Strings,
  constraints: List,
  secrets: List,
  labels: Strings,
  annotations: Strings,
  limits: Resources,
  requests: Resources,
  readOnlyRootFilesystem: z.boolean().nullish(),
  // What Skep adds:
  runtime: z.unknown().optional(),
  protocol: z.unknown().optional(),
  scale: z.unknown().optional(),
  async: z.unknown().optional(),
  timeout: z.unknown().optional(),
  warm: z.unknown().optional(),
  sticky: z.unknown().optional(),
  maxBody: z.unknown().optional(),
  supervised: z.unknown().optional(),
  monitor: z.unknown().optional(),
  publish: z.unknown().optional(),
})

/** Where a client finds in its own body what the spec calls otherwise. */
const wireNames: Readonly<Record<string, string>> = {
  name: 'service',
  environment: 'envVars',
  process: 'envProcess',
  service: 'supervised',
}

/** The spec in a deploy's body. Throws `invalid_request` with every problem, in the client's own names. */
export function specOf(body: unknown): FunctionSpec {
  const deployment = Deployment.safeParse(body)
  if (deployment.error) throw invalid(problemsOf(deployment.error, body))
  const { service, supervised, namespace, envProcess, envVars, ...rest } = deployment.data
  const wanted = { ...rest, name: service, namespace: namespace || defaultNamespace, process: envProcess || undefined }
  const given = Object.entries({ ...wanted, environment: envVars, service: supervised }).filter(
    ([, value]) => value !== null,
  )
  const asked = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  const spec = FunctionSpec.safeParse(asked)
  if (spec.data) return spec.data
  throw invalid(problemsOf(spec.error, asked).map((line) => line.replace(/^\w+/, (name) => wireNames[name] ?? name)))
}

/** How it is to be deployed, beside what. */
const Deploying = z.object({
  /** Why. */
  message: z.string().max(1000).optional(),
  canary: CanaryPlan.optional(),
  /** Also when it serves already. */
  force: z.boolean().optional(),
})

export const deployingOf = (body: unknown): z.infer<typeof Deploying> => parseBody(Deploying, body)

/** A parsed body of another kind, or `invalid_request`. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body)
  if (error) throw invalid(problemsOf(error)) // without the values: some are secrets
  return data
}

/** A body as JSON whatever its Content-Type says: some clients send none. */
export async function jsonOf(request: Request): Promise<unknown> {
  try {
    return JSON.parse(await request.text())
  } catch (error) {
    throw new SkepError('invalid_request', 'The body is not JSON.', { cause: error, hint: 'Send one JSON object.' })
  }
}

/** A query, or `invalid_query`. */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const { data, error } = schema.safeParse(query)
  if (error)
    throw new SkepError('invalid_query', `The query is not right: ${problemsOf(error, query).join('; ')}.`, {
      hint: 'Correct it, or leave it out.',
    })
  return data
}

/** Go's ParseBool; what it cannot parse is false. */
export const goBoolean = (text: string | undefined): boolean => /^(1|t|T|true|True|TRUE)$/.test(text ?? '')

/** The address that core knows: the name alone in the default namespace. */
export function addressOf(name: string, namespace: string | undefined | null): string {
  return namespace && namespace !== defaultNamespace && !name.includes('.') ? `${name}.${namespace}` : name
}

function invalid(problems: readonly string[]): SkepError {
  return new SkepError('invalid_request', `Nothing was changed: ${problems.join('; ')}.`, {
    detail: problems.join('\n'),
    hint: 'Correct what is wrong with it and send it again.',
  })
}

const unlessEmpty = <T extends object>(value: T): T | undefined => (Object.keys(value).length > 0 ? value : undefined)

/** A function as `GET /system/functions` shows it: what the deploy left out stays out. */
export function statusOf({ pool, invocations, canary, canaryNote }: DeployedFunction) {
  const { spec, createdAt, number } = pool.revision
  return {
    name: spec.name,
    namespace: spec.namespace,
    image: spec.image,
    envProcess: spec.process,
    envVars: unlessEmpty(spec.environment),
    constraints: unlessEmpty(spec.constraints),
    secrets: unlessEmpty(spec.secrets),
    // Clients look for this label on every function that they list.
    labels: { ...spec.labels, faas_function: spec.name },
    annotations: unlessEmpty(spec.annotations),
    limits: unlessEmpty(spec.limits),
    requests: unlessEmpty(spec.requests),
    readOnlyRootFilesystem: spec.readOnlyRootFilesystem || undefined,
    runtime: spec.runtime,
    protocol: spec.protocol,
    scale: unlessEmpty(spec.scale),
    async: unlessEmpty(spec.async),
    timeout: spec.timeout,
    warm: spec.warm,
    sticky: spec.sticky,
    maxBody: spec.maxBody,
    supervised: spec.service,
    monitor: spec.monitor,
    publish: spec.publish,
    revision: number,
    invocationCount: invocations,
    replicas: pool.desired,
    availableReplicas: pool.available,
    restarts: pool.restarts.count || undefined,
    lastExit: pool.restarts.last,
    held: pool.restarts.isHeld || undefined,
    canary: canary && [stepOf(canary), canaryNote?.text].join(' ').trim(),
    createdAt,
  }
}

/** Left out where it is not known, as it is without metrics. */
export const usageOf = (usage: Usage | undefined) =>
  usage && { cpu: usage.cpuMillis, totalMemoryBytes: usage.memoryBytes }
