import { z } from 'zod'
import { StackFile } from './stack-schema.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/**
 * The stack file for editors, made from what reads it. An editor sees YAML's own numbers and booleans where we take
 * every value as its text, sees nothing where we take nothing as not asked for, and sees `${VARIABLES}` unfilled.
 */
export function stackJsonSchema(): object {
  const schema = z.toJSONSchema(StackFile, {
    target: 'draft-7', // the newest that the usual YAML extensions read
    io: 'input',
    override: ({ jsonSchema }) => void Object.assign(jsonSchema, asWritten(jsonSchema)),
  })
  return { title: 'stack.yml', ...schema }
}

const variable = '\\$\\{'

function asWritten(schema: JsonSchema): JsonSchema {
  const { const: only, type, pattern, enum: allowed } = schema
  delete schema.propertyNames
  // `1.0` is a number to YAML.
  if (typeof only === 'string') return { const: undefined, type: undefined, enum: [only, ...numberIn(only)] }
  if (allowed)
    return { type: undefined, enum: undefined, anyOf: [{ enum: allowed }, { type: 'string', pattern: variable }] }
  if (type === 'integer' || type === 'number') {
    return {
      type: [type, 'string', 'null'],
      pattern: variable,
      maximum: bounded(schema.maximum),
    } as unknown as JsonSchema
  }
  if (type === 'string') {
    return {
      type: ['string', 'number', 'boolean', 'null'],
      ...(pattern !== undefined && { pattern: `${pattern}|${variable}` }),
    } as unknown as JsonSchema
  }
  return type === 'object' || type === 'array' ? ({ type: [type, 'null'] } as unknown as JsonSchema) : {}
}

const numberIn = (text: string): number[] => (Number.isNaN(Number(text)) ? [] : [Number(text)])

/** What only says that a number is one says nothing. */
const bounded = (maximum: number | undefined) => (maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum)
