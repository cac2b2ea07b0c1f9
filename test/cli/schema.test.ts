import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { stackJsonSchema } from '../../cli/stack-json-schema.ts'

const schema = z.fromJSONSchema(stackJsonSchema() as z.core.JSONSchema.JSONSchema)

/** As an editor reads it: with YAML's own numbers, booleans and nulls. */
const isFine = (text: string) => schema.safeParse(parse(text)).success

const withFields = (fields: string) => `version: 1.0
provider: { name: openfaas }
functions:
  f: { image: x/f, ${fields} }`

it('accepts the stack file of this repository', () => {
  expect(isFine(readFileSync('stack.yml', 'utf8'))).toBe(true)
})

it.each([
  'environment: { A: 1, B: true, C: 1.50, D: , E: text }',
  'labels: ',
  'secrets: [a, b]',
  'skip_build: true',
  'readonly_root_filesystem: off',
  'limits: { memory: 128Mi, cpu: 0.5, pids: 10 }',
  'scale: { min: 1, max: "${MAX:-5}", idle: "${IDLE}" }',
  'timeout: 90s',
  'namespace: "${NAMESPACE}"',
  'build_options: [dev]',
])('accepts %s', (fields) => expect(isFine(withFields(fields))).toBe(true))

it.each([
  'lables: {}',
  'environment: [A]',
  'secrets: one',
  'scale: { min: -1 }',
  'scale: { min: many }',
  'scale: { idle: sleep }',
  'namespace: Not_One',
])('marks %s', (fields) => expect(isFine(withFields(fields))).toBe(false))

it.each(['provider: { name: other }\nfunctions: {}', 'version: 2\nprovider: { name: openfaas }\nfunctions: {}'])(
  'marks %j',
  (text) => expect(isFine(text)).toBe(false),
)
