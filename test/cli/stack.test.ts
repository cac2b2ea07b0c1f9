import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Context } from '../../cli/context.ts'
import { readEnv } from '../../cli/env.ts'
import { outputTo } from '../../cli/output.ts'
import { specsOf, type SpecFlags } from '../../cli/specs.ts'
import { readStack } from '../../cli/stack.ts'
import type { StackOptions } from '../../cli/options.ts'

const folder = mkdtempSync(join(tmpdir(), 'skep-stack-'))
afterAll(() => rmSync(folder, { recursive: true }))

const warnings: string[] = []
const context: Context = {
  env: readEnv({ NAME: 'from-env', PORT: '9000', MULTI: 'a\nb' }),
  cwd: folder,
  input: process.stdin,
  out: { ...outputTo(process.stdout, process.stderr, false), warn: (text) => void warnings.push(text) },
}

const noFlags = {
  env: [],
  label: [],
  annotation: [],
  constraint: [],
  secret: [],
  readTemplate: true,
  tag: 'latest',
} as const

async function specs(text: string, options: StackOptions & Partial<SpecFlags> = {}, runsFolders = false) {
  writeFileSync(join(folder, 'stack.yml'), text)
  warnings.length = 0
  const stack = await readStack(context, options)
  return specsOf({ context, stack, flags: { ...noFlags, ...options }, runsFolders })
}

/** A stack file with one function; its fields begin on line 6. */
const withFields = (fields: string) => `version: 1.0
provider:
  name: openfaas
functions:
  f:
    image: x/f
${fields.replace(/^(?=.)/gm, '    ')}
`

const one = async (fields: string) => (await specs(withFields(fields)))[0]

async function problems(text: string, options: StackOptions = {}): Promise<string[]> {
  const failure = specs(text, options).then(
    () => [],
    ({ detail, message }: { detail?: string; message: string }) => (detail ?? message).split('\n'),
  )
  return failure
}

describe('a value in stack.yml', () => {
  it.each([
    ['a word', 'word', 'word'],
    ['a number with a leading zero', '01', '01'],
    ['a number with an exponent', '1e3', '1e3'],
    ['a hexadecimal number', '0x1F', '0x1F'],
    ['a number with a trailing zero', '1.10', '1.10'],
    ['a number with a separator', '1_000', '1_000'],
    ['a number in the sixties', '1:30', '1:30'],
    ['a date', '2020-01-02', '2020-01-02'],
    ['true', 'true', 'true'],
    ['yes', 'yes', 'yes'],
    ['off', 'off', 'off'],
    ['infinity', '.inf', '.inf'],
    ['not a number', '.NaN', '.NaN'],
    ['nothing', '', ''],
    ['a tilde', '~', ''],
    ['null', 'null', ''],
    ['Null', 'Null', ''],
    ['a quoted null', '"null"', 'null'],
    ['a quoted tilde', "'~'", '~'],
    ['a quoted number', '"01"', '01'],
    ['an escape in double quotes', '"a\\tb"', 'a\tb'],
    ['no escape in single quotes', "'a\\tb'", 'a\\tb'],
    ['a doubled single quote', "'it''s'", "it's"],
    ['a comment behind it', 'a # b', 'a'],
    ['a hash inside', 'a#b', 'a#b'],
    ['a colon inside', 'http://x:80/y', 'http://x:80/y'],
    ['a literal block', '|\n  a\n  b', 'a\nb\n'],
    ['a folded block', '>-\n  a\n  b', 'a b'],
    ['JSON in quotes', '\'{"a": [1]}\'', '{"a": [1]}'],
    ['a variable', '${NAME}', 'from-env'],
    ['a variable that is not set', '${NOBODY}', ''],
    ['a default', '${NOBODY:-8080}', '8080'],
    ['a doubled dollar', '$${NAME}', '${NAME}'],
    ['a lone dollar', '$NAME', '$NAME'],
  ])('keeps %s as its text', async (_, value, expected) => {
    const spec = await one(`environment:\n  A: ${value.replaceAll('\n', '\n  ')}`)
    expect(spec?.environment).toEqual({ A: expected })
  })

  it.each([
    ['labels', 'labels: { a: 01, b: yes }', { labels: { a: '01', b: 'yes' } }],
    ['annotations', 'annotations:\n  topic: cron-function', { annotations: { topic: 'cron-function' } }],
    ['secrets', 'secrets:\n  - one\n  - two', { secrets: ['one', 'two'] }],
    ['constraints', 'constraints:\n  - node.role == worker', { constraints: ['node.role == worker'] }],
    ['limits', 'limits: { memory: 64m, cpu: 0.5 }', { limits: { memory: '64m', cpu: '0.5' } }],
    ['requests', 'requests: { memory: 128Mi }', { requests: { memory: '128Mi' } }],
    ['fprocess', 'fprocess: node index.js', { process: 'node index.js' }],
    ['namespace', 'namespace: other', { namespace: 'other' }],
    ['read-only root, true', 'readonly_root_filesystem: true', { readOnlyRootFilesystem: true }],
    ['read-only root, Yes', 'readonly_root_filesystem: Yes', { readOnlyRootFilesystem: true }],
    ['read-only root, off', 'readonly_root_filesystem: off', { readOnlyRootFilesystem: false }],
    ['scale', 'scale: { min: 1, max: 3, zero-duration: 90s }', { scale: { min: 1, max: 3, 'zero-duration': '90s' } }],
    ['timeout', 'timeout: 2m', { timeout: '2m' }],
    ['maxBody', 'maxBody: 1Gi', { maxBody: '1Gi' }],
    ['service', 'service: true\nmonitor: [check, -q]', { service: true, monitor: ['check', '-q'] }],
    ['empty sections', 'limits:\nlabels:\nsecrets:\nscale:', { limits: {}, labels: {}, secrets: [], scale: {} }],
    ['a merge key', 'environment: &e { A: 1 }\nlabels:\n  <<: *e\n  B: 2', { labels: { A: '1', B: '2' } }],
    ['an alias', 'environment: &e { A: 1 }\nlabels: *e', { labels: { A: '1' } }],
    ['an image without a tag', '', { image: 'x/f:latest' }],
  ])('gives the deploy %s', async (_, fields, expected) => {
    expect(await one(fields)).toMatchObject(expected)
  })
})

describe('a stack file with mistakes', () => {
  const head = 'provider: { name: openfaas }\n'

  it.each([
    [
      'a key twice',
      `${head}functions:\n  f: { image: a/b }\n  f: { image: a/b }`,
      /^stack.yml:4: Map keys must be unique/,
    ],
    ['broken YAML', 'provider: [', /^stack.yml:1: /],
    ['no provider', 'functions:\n  f: { image: a/b }', /^stack.yml:1: provider: is missing$/],
    ['another provider', 'provider:\n  name: faas\nfunctions: {}', /^stack.yml:2: provider.name: the only provider/],
    ['another version', `version: 2\n${head}functions: {}`, /^stack.yml:1: version: the only version is 1.0$/],
    ['a bad name', `${head}functions:\n  Bad_Name: { image: a/b }`, /^stack.yml:3: functions.Bad_Name: use 1 to 63/],
    [
      'a list for a map',
      `${head}functions:\n  f:\n    labels: [a]`,
      /^stack.yml:4: functions.f.labels: must be a map$/,
    ],
    [
      'a text for a list',
      `${head}functions:\n  f:\n    secrets: a`,
      /^stack.yml:4: functions.f.secrets: must be a list, not "a"$/,
    ],
    ['a map for a text', `${head}functions:\n  f:\n    image: {}`, /^stack.yml:4: functions.f.image: must be a text$/],
    [
      'a bad size',
      withFields('limits:\n  memory: lots'),
      /^stack.yml:8: functions.f.limits.memory: use a size such as/,
    ],
    [
      'no whole number',
      withFields('scale: { max: many }'),
      /^stack.yml:7: functions.f.scale.max: must be a number, not "many"$/,
    ],
    ['no image', `${head}functions:\n  f:\n    lang: node`, /^stack.yml:3: functions.f.image: is missing$/],
    ['an empty function', `${head}functions:\n  f:`, /^stack.yml:3: functions.f.image: is missing$/],
    [
      'a bad switch',
      `${head}functions:\n  f:\n    skip_build: maybe`,
      /^stack.yml:4: .*skip_build: use true or false$/,
    ],
    [
      'a bad duration',
      `${head}functions:\n  f: { image: a, timeout: soon }`,
      /^stack.yml:3: .*timeout: use a duration/,
    ],
    ['a label of ours', `${head}functions:\n  f: { image: a, labels: { skep.x: 1 } }`, /^stack.yml:3: .*Skep’s own$/],
    ['a bad variable', `${head}# \${oops`, /^stack.yml:2: there is a \$\{…\}/],
    [
      'an environment file that is not there',
      withFields('environment_file: [no.yml]'),
      /^stack.yml:7: .*no file .*no.yml$/,
    ],
  ])('is refused with the place: %s', async (_, text, expected) => {
    expect((await problems(text))[0]).toMatch(expected)
  })

  it('is refused with all of them at once, in words and with places', async () => {
    const text = withFields('limits: { memory: x }\nscale: { min: -1 }\nlabels:\n  - a')
    expect(await problems(text)).toEqual([
      'stack.yml:7: functions.f.limits.memory: use a size such as 64Mi or 1Gi',
      'stack.yml:8: functions.f.scale.min: must be at least 0, not "-1"',
      'stack.yml:9: functions.f.labels: must be a map',
    ])
  })

  it('only warns about a field that nobody knows, and names the nearest', async () => {
    expect(await one('lables: { a: 1 }\nlimits: { memroy: 1Gi }\nnetwork: x')).toMatchObject({ labels: {}, limits: {} })
    expect(warnings).toEqual([
      'stack.yml:7: functions.f.lables: not a known field, so it is left out. Did you mean "labels"?',
      'stack.yml:8: functions.f.limits.memroy: not a known field, so it is left out. Did you mean "memory"?',
      'stack.yml:9: functions.f.network: not a known field, so it is left out.',
    ])
  })
})

describe('the functions of a stack file', () => {
  const shop = `provider: { name: openfaas }
functions:
  shop-cart: { image: x/a }
  shop-pay: { image: x/b }
  mail: { image: x/c }
`
  const names = async (options: StackOptions) => (await specs(shop, options)).map(({ name }) => name)

  it.each([
    [{}, ['shop-cart', 'shop-pay', 'mail']],
    [{ filter: 'shop-*' }, ['shop-cart', 'shop-pay']],
    [{ filter: '*a*' }, ['shop-cart', 'shop-pay', 'mail']],
    [{ filter: 'mail' }, ['mail']],
    [{ regex: 'pay|mail' }, ['shop-pay', 'mail']],
  ])('are chosen by %j', async (options, expected) => {
    expect(await names(options)).toEqual(expected)
  })

  it.each([
    [{ filter: 'nothing*' }, /No function matches/],
    [{ filter: 'a', regex: 'b' }, /not both/],
    [{ regex: '(' }, /not a regular expression/],
  ])('are not chosen by %j', async (options, message) => {
    expect((await problems(shop, options))[0]).toMatch(message)
  })

  it('take the environment from the command line over the file’s files over the file', async () => {
    writeFileSync(join(folder, 'env.yml'), 'environment:\n  B: 2\n  C: 02\n')
    const text = withFields('environment: { A: 1, B: 1, C: 1 }\nenvironment_file:\n  - env.yml')
    const [spec] = await specs(text, { env: ['C=3', 'D=a=b'] })
    expect(spec?.environment).toEqual({ A: '1', B: '2', C: '3', D: 'a=b' })
  })

  it('keep ${VARIABLES} when nothing shall be filled in', async () => {
    const [spec] = await specs(withFields('environment: { A: "${NAME}" }'), { envsubst: false })
    expect(spec?.environment).toEqual({ A: '${NAME}' })
  })

  it('are deployed as folders where folders run, and as images elsewhere', async () => {
    mkdirSync(join(folder, 'f'), { recursive: true })
    const text = withFields('lang: node\nhandler: ./f')
    expect((await specs(text, {}, true))[0]).toMatchObject({ image: `dir:${join(folder, 'f')}`, runtime: 'node' })
    expect((await specs(text))[0]).toMatchObject({ image: 'x/f:latest' })
    expect((await specs(text))[0]).not.toHaveProperty('runtime')
  })
})
