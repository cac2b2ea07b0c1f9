import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { CliResult } from '../helpers/cli.ts'
import { useOwnGateway } from '../helpers/own-gateway.ts'

const own = useOwnGateway()
const { folder, typed: skep } = own

const handler = `const { readFileSync } = require('node:fs')
module.exports = async (event) => readFileSync(process.env.SECRETS_DIR + '/' + event.query.name, 'utf8')`

/** Deploys a function \`reader\` whose stack file names these secrets. */
async function deployReader(secrets: readonly string[]): Promise<CliResult> {
  const entry = { lang: 'node', handler: './reader', image: 'x/reader:latest', secrets }
  const text = JSON.stringify({ provider: { name: 'openfaas' }, functions: { reader: entry } })
  folder.write({ 'reader/handler.js': handler, 'all.yml': text })
  return skep('', 'up', '-f', 'all.yml')
}

const readers = async (name: string): Promise<string> => (await own.gateway.call(`reader?name=${name}`)).text()

describe('skep secret', () => {
  it('brings a value from stdin, a flag or a file to the function that names it', async () => {
    folder.write({ 'key.pem': ' lines\nand bytes \n' })
    const made = [
      await skep('  from stdin\n', 'secret', 'create', 'one'),
      await skep('', 'secret', 'create', 'two', '--from-literal', ' as it is ', '--trim=false'),
      await skep('', 'secret', 'create', 'three', '--from-file=key.pem'),
    ]
    expect(made.map(({ stdout }) => stdout)).toEqual(['one: created\n', 'two: created\n', 'three: created\n'])
    expect(await deployReader(['one', 'two', 'three'])).toMatchObject({ code: 0 })
    expect(await Promise.all(['one', 'two', 'three'].map(readers))).toEqual([
      'from stdin',
      ' as it is ',
      ' lines\nand bytes \n',
    ])
    expect(JSON.parse((await skep('', 'secret', 'ls', '--json')).stdout)).toEqual(
      ['one', 'three', 'two'].map((name) => ({ name, namespace: 'openfaas-fn' })),
    )
  })

  it('changes a value, and removes no secret that is in use', async () => {
    expect(await skep('', 'secret', 'create', 'one', '--from-literal', 'x')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: There is a secret "one" already\.\nhint: .*skep secret update one/),
    })
    expect(await skep('', 'secret', 'update', 'one', '--from-literal', 'changed')).toMatchObject({ code: 0 })
    expect(await skep('again', 'secret', 'create', 'one', '--replace')).toMatchObject({ stdout: 'one: updated\n' })
    expect(await skep('', 'secret', 'rm', 'one')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by reader'),
    })
    await skep('', 'remove', 'reader')
    expect(await skep('', 'secret', 'rm', 'one')).toMatchObject({ code: 0, stdout: 'one: removed\n' })
  })

  it('applies what is in ./.secrets', async () => {
    folder.write({ '.secrets/two': 'new', '.secrets/four': 'four' })
    expect((await skep('', 'secret', 'apply')).stdout).toBe('four: created\ntwo: updated\n')
  })

  it.each([
    [['secret', 'update', 'nobody', '--from-literal', 'x'], 1, /^error: There is no secret "nobody"\./],
    [['secret', 'create', 'x', '--from-literal', 'x', '--from-file', 'x'], 2, /not both/],
    [['secret', 'create', 'x', '--from-file', 'nothing'], 2, /nothing cannot be read/],
    [['secret', 'create', 'x'], 2, /^error: No value given\./],
    [['secret', 'create', 'x', '--from-literal', 'x', '-n', 'nowhere'], 2, /^error: There is no namespace "nowhere"\./],
  ])('refuses %j with %i', async (args, code, stderr) => {
    expect(await skep('', ...args)).toEqual({ code, stdout: '', stderr: expect.stringMatching(stderr) })
  })

  it('keeps a deploy from naming a secret that is not there', async () => {
    expect(await deployReader(['nobody'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('hint: Make it first: `skep secret create nobody`.'),
    })
    expect((await skep('', 'list', '-q')).stdout).toBe('')
  })
})

describe('skep namespace', () => {
  it('makes, shows, lists, changes and removes namespaces', async () => {
    expect((await skep('', 'namespaces')).stdout).toBe('openfaas-fn\n')
    expect(await skep('', 'namespace', 'create', 'staging', '-l', 'team=bees')).toMatchObject({ code: 0 })
    expect((await skep('', 'ns', 'ls')).stdout).toBe('openfaas-fn\nstaging\n')
    await skep('', 'namespace', 'update', 'staging', '--annotation', 'a=b')
    expect(JSON.parse((await skep('', 'namespace', 'get', 'staging')).stdout)).toEqual({
      name: 'staging',
      labels: { openfaas: '1' },
      annotations: { openfaas: '1', a: 'b' },
    })
    expect(await skep('', 'list', '-n', 'staging', '--json')).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(await skep('', 'namespace', 'rm', 'staging')).toMatchObject({ code: 0, stdout: 'staging: removed\n' })
    expect((await skep('', 'namespaces', 'list', '-j')).stdout).toBe('[\n  "openfaas-fn"\n]\n')
  })
})

describe('a namespace that does not exist', () => {
  it.each(['list', 'list --json', 'list -q', 'status --once', 'secret list'])(
    'is not taken for an empty one by skep %s',
    async (verb) => {
      const stderr = 'error: There is no namespace "nowhere".\nhint: `skep namespaces` lists them.\n'
      expect(await skep('', ...verb.split(' '), '-n', 'nowhere')).toEqual({ code: 1, stdout: '', stderr })
    },
  )
})

describe('completion in bash', () => {
  it.each([
    ['skep secret ', 'create update list remove apply'],
    ['skep secret create --from-', '--from-literal --from-file'],
    ['skep names', 'namespace namespaces'],
  ])('of %j offers %j', async (line, offered) => {
    const { stdout } = await skep('', 'completion', 'bash')
    const words = line.split(' ').map((word) => `'${word}'`)
    const ask = `${stdout}\nCOMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _skep; echo "\${COMPREPLY[@]}"`
    expect(execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trim()).toBe(offered)
  })
})
