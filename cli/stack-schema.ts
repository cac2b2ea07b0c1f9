import { z } from 'zod'
import { FunctionName } from '../gateway/core/names.ts'
import { FunctionSpec } from '../gateway/core/spec.ts'

const Words = z.array(z.string()).default([])
const YesOrNo = z.stringbool({
  truthy: ['true', 'yes', 'on', 'y'],
  falsy: ['false', 'no', 'off', 'n'],
  error: 'use true or false',
})

/** One function of a stack file: the fields of a deploy under the names of the file, and what building needs. */
export const StackFunction = FunctionSpec.omit({
  name: true,
  runtime: true,
  image: true,
  process: true,
  readOnlyRootFilesystem: true,
}).extend({
  lang: z.string().optional(),
  handler: z.string().optional(),
  image: FunctionSpec.shape.image.optional(),
  fprocess: FunctionSpec.shape.process,
  readonly_root_filesystem: YesOrNo.default(false),
  service: YesOrNo.optional(),
  environment_file: Words,
  skip_build: YesOrNo.default(false),
  build_args: z.record(z.string(), z.string()).default({}),
  build_options: Words,
  build_secrets: z.record(z.string(), z.string()).default({}),
  platforms: z.string().optional(),
})
export type StackFunction = z.infer<typeof StackFunction>

export const StackFile = z.strictObject({
  version: z.literal('1.0', 'the only version is 1.0').optional(),
  provider: z.strictObject({
    name: z.literal('openfaas', 'the only provider name is openfaas'),
    gateway: z.string().optional(),
  }),
  configuration: z
    .strictObject({
      templates: z.array(z.strictObject({ name: z.string().optional(), source: z.string().optional() })).default([]),
      copy: Words,
    })
    .prefault({}),
  functions: z.record(z.string(), StackFunction).superRefine((functions, context) => {
    for (const name of Object.keys(functions)) {
      for (const { message } of FunctionName.safeParse(name).error?.issues ?? []) {
        context.addIssue({ code: 'custom', path: [name], message })
      }
    }
  }),
})
export type StackFile = z.infer<typeof StackFile>

/** Where an empty value is an empty text; elsewhere it is as if the key were not there. */
const mapsOfTexts = ['environment', 'labels', 'annotations', 'build_args']

/** The file's value without nulls, so that `limits:` with nothing below it asks for nothing. */
export function withoutNulls(value: unknown, path: readonly string[] = []): unknown {
  if (value === null)
    return mapsOfTexts.includes(path.at(-2) ?? '') ? '' : path.length === 0 || isFunction(path) ? {} : undefined
  if (Array.isArray(value)) return value.map((item) => item ?? '')
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNulls(item, [...path, key])]))
}

const isFunction = (path: readonly string[]) => path.length === 2 && path[0] === 'functions'

/** The names that the schema knows at this path. */
export function knownNames(path: readonly PropertyKey[]): string[] {
  let schema: unknown = StackFile
  for (const step of path) {
    const inner = bare(schema)
    if (inner instanceof z.ZodObject) schema = inner.shape[String(step)]
    else if (inner instanceof z.ZodRecord) schema = inner.valueType
    else if (inner instanceof z.ZodArray) schema = inner.element
    else return []
  }
  const found = bare(schema)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

function bare(schema: unknown): unknown {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
  return wrapped ? bare(schema.unwrap()) : schema
}
