import { z } from 'zod'
import { AsyncSpec, retryAnnotation, retryAnnotationsOf } from './async-policy.ts'
import { defaultNamespace, FunctionName, SecretName } from './names.ts'
import { ProtocolName } from './protocol.ts'
import { Scale, scaleLabel, scaleLabelsOf } from './scale.ts'
import { Monitor } from './service.ts'
import { Sticky } from './sticky.ts'
import { Cpus, Duration, Size } from './unit-schemas.ts'

const Strings = z.record(z.string(), z.string())
/** `skep.*` is written by Skep itself: a user's own would make it lose functions. */
const Labels = Strings.superRefine((labels, context) => {
  for (const key of Object.keys(labels).filter((key) => key.startsWith('skep.'))) {
    context.addIssue({ code: 'custom', path: [key], message: 'labels that begin with "skep." are Skep’s own' })
  }
  for (const issue of scaleLabelsOf(labels).error?.issues ?? []) {
    context.addIssue({ code: 'custom', path: [scaleLabel + issue.path.join('.')], message: issue.message })
  }
})

const Annotations = Strings.superRefine((annotations, context) => {
  for (const issue of retryAnnotationsOf(annotations).error?.issues ?? []) {
    context.addIssue({ code: 'custom', path: [retryAnnotation + issue.path.join('.')], message: issue.message })
  }
})

const Resources = z.strictObject({
  memory: Size.optional(),
  cpu: Cpus.optional(),
  /** Processes and threads. */
  pids: z.coerce.number().int().min(1).optional(),
})

const Port = z.coerce.number().int().min(1).max(65535)

/** Ports of the gateway's machine that lead to the function, whatever is spoken there. */
const Publish = z.array(
  z.strictObject({
    port: Port,
    /** Where the program listens. Default: where it answers HTTP. */
    target: Port.optional(),
  }),
)

/** What a user asks for. It is kept as it was written; `policyOf` reads the numbers out of it. */
export const FunctionSpec = z.strictObject({
  name: FunctionName,
  namespace: FunctionName.default(defaultNamespace),
  /** A container image, or `dir:<absolute path>` of a handler's folder for the process provider. */
  image: z.string().max(1024).regex(/^\S+$/, 'name an image, without blanks'),
  /** The language server that runs a `dir:` folder: a name under runtimes/. */
  runtime: FunctionName.optional(),
  /** What the image speaks, if not plain HTTP. */
  protocol: ProtocolName.optional(),
  /** The command that a watchdog in the image starts (OpenFaaS: fprocess). */
  process: z.string().optional(),
  environment: Strings.default({}),
  labels: Labels.default({}),
  annotations: Annotations.default({}),
  constraints: z.array(z.string()).default([]),
  secrets: z.array(SecretName).default([]),
  limits: Resources.default({}),
  requests: Resources.default({}),
  readOnlyRootFilesystem: z.boolean().default(false),
  scale: Scale.default({}),
  async: AsyncSpec.default({}),
  /** Runs all the time, whether it is called or not: at least one replica, started again when it ends. */
  service: z.boolean().optional(),
  publish: Publish.optional(),
  /** Asks the program itself whether it is well. */
  monitor: Monitor.optional(),
  /** Time from the request's last byte to the answer's first. Default 60s; `0` means no limit. */
  timeout: Duration.optional(),
  /** Keeps each caller with one revision while the traffic is split. */
  sticky: Sticky.optional(),
  /** A request that every new replica must answer well before it gets traffic: `GET /health`. */
  warm: z
    .string()
    .regex(/^[A-Z]+ \/[!-~]*$/, 'use a method and a path, such as GET /health')
    .optional(),
  /** Largest request body. Default: the gateway's limit. */
  maxBody: Size.optional(),
})
export type FunctionSpec = z.infer<typeof FunctionSpec>
