import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { FunctionName } from './core/names.ts'
import { problemsOf } from './core/problems.ts'
import { Duration, Size } from './core/unit-schemas.ts'
import { parseDuration, parseSize } from './core/units.ts'

const Port = z.coerce.number().int().min(0).max(65535)
/** `a, b` */
const List = z.string().transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
const Switch = z.stringbool('use true or false').default(false)

/** Every setting, under the name of its environment variable. The README has a row for each. */
const Settings = z.object({
  SKEP_HOST: z.string().default('127.0.0.1'),
  SKEP_PORT: Port.default(8080),
  SKEP_METRICS_HOST: z.string().default('127.0.0.1'),
  SKEP_METRICS_PORT: Port.default(8082),
  SKEP_DATA: z.string().default(join(homedir(), '.skep')),
  SKEP_SECRETS: z.string().default('/run/secrets'),
  SKEP_CATALOGUE: z.string().optional(),
  SKEP_PROVIDER: z.enum(['process', 'docker', 'swarm']).default('process'),
  SKEP_STORE: z.enum(['embedded', 'redis']).default('embedded'),
  SKEP_REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379'),
  SKEP_REGISTRY_URL: z.url({ protocol: /^http$/ }).optional(),
  SKEP_QUEUE: z.enum(['embedded', 'redis']).default('embedded'),
  SKEP_QUEUE_MAX: Size.default('256Mi'),
  SKEP_ASYNC_MAX_BODY: Size.default('1Mi'),
  SKEP_CALLBACK_ALLOW: List.default([]),
  SKEP_MAX_BODY: Size.optional(),
  SKEP_DRAIN_TIMEOUT: Duration.default('10m'),
  SKEP_REGISTRY: z.string().optional(),
  SKEP_BUILDS: z.coerce.number().int().min(1).default(1),
  SKEP_BUILD_TIMEOUT: Duration.default('15m'),
  SKEP_BUILD_MAX: Size.default('100Mi'),
  SKEP_KEEP_REVISIONS: z.coerce.number().int().min(0).default(2),
  SKEP_TRUST_PROXY: Switch,
  SKEP_ACCESS_LOG: Switch,
  SKEP_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  SKEP_INSTANCE: FunctionName.default('skep'),
  SKEP_DOCKER_NETWORK: FunctionName.optional(),
  SKEP_DOCKER_REACH: z.enum(['direct', 'published']).optional(),
  SKEP_DOCKER_SPARES: z.coerce.number().int().min(0).max(100).default(1),
  DOCKER_HOST: z.string().optional(),
  DOCKER_BUILDKIT: z.stringbool().optional(),
})

export type Config = ReturnType<typeof readConfig>

/** The default of every setting by its name; empty for those that have none. */
export const settingDefaults: ReadonlyMap<string, string> = new Map(
  Object.entries(Settings.shape).map(([name, schema]) => [name, schema.parse(undefined)?.toString() ?? '']),
)

/** Throws one error that lists every mistake, so that none is found only after the next start. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const { data, error } = Settings.safeParse(given)
  if (error) throw new Error(`The settings are not right:\n  ${problemsOf(error, given).join('\n  ')}`)
  return {
    host: data.SKEP_HOST,
    port: data.SKEP_PORT,
    metricsHost: data.SKEP_METRICS_HOST,
    metricsPort: data.SKEP_METRICS_PORT,
    dataDir: data.SKEP_DATA,
    secretsDir: data.SKEP_SECRETS,
    catalogueDir: data.SKEP_CATALOGUE,
    provider: data.SKEP_PROVIDER,
    store: data.SKEP_STORE,
    redisUrl: data.SKEP_REDIS_URL,
    registryUrl: data.SKEP_REGISTRY_URL,
    queue: data.SKEP_QUEUE,
    queueMaxBytes: parseSize(data.SKEP_QUEUE_MAX),
    asyncMaxBodyBytes: parseSize(data.SKEP_ASYNC_MAX_BODY) ?? 0,
    callbackAllow: data.SKEP_CALLBACK_ALLOW,
    maxBodyBytes: data.SKEP_MAX_BODY === undefined ? Infinity : (parseSize(data.SKEP_MAX_BODY) ?? Infinity),
    drainTimeoutMs: parseDuration(data.SKEP_DRAIN_TIMEOUT),
    registry: data.SKEP_REGISTRY,
    builds: data.SKEP_BUILDS,
    buildTimeoutMs: parseDuration(data.SKEP_BUILD_TIMEOUT) ?? 0,
    buildMaxContextBytes: parseSize(data.SKEP_BUILD_MAX) ?? 0,
    keepRevisions: data.SKEP_KEEP_REVISIONS,
    trustProxy: data.SKEP_TRUST_PROXY,
    accessLog: data.SKEP_ACCESS_LOG,
    logLevel: data.SKEP_LOG_LEVEL,
    instance: data.SKEP_INSTANCE,
    dockerHost: data.DOCKER_HOST,
    buildKit: data.DOCKER_BUILDKIT,
    dockerNetwork: data.SKEP_DOCKER_NETWORK,
    dockerReach: data.SKEP_DOCKER_REACH,
    dockerSpares: data.SKEP_DOCKER_SPARES,
    /** All of it, for the process provider: functions inherit a few names. */
    environment,
  }
}
