import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'

let folder: CliFolder
beforeEach(() => void (folder = cliFolder()))
afterEach(() => folder.remove())

const file = (name: string) => readFileSync(join(folder.path, name), 'utf8')

it('writes a stack file and the handler of the template', async () => {
  const { code, stdout } = await folder.skep(['new', 'hello', '--lang', 'node'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Handler: hello\/\nStack file: hello.yml\n/)
  expect(file('hello.yml')).toBe(`version: 1.0
provider:
  name: openfaas
  gateway: http://127.0.0.1:8080
functions:
  hello:
    lang: node
    handler: ./hello
    image: 127.0.0.1:5000/hello:latest
`)
  expect(existsSync(join(folder.path, 'hello/handler.js'))).toBe(true)
})

it('takes prefix, gateway, folder and limits from flags and environment', async () => {
  const flags = [
    '--handler',
    'src/hello',
    '--memory-limit',
    '64Mi',
    '--cpu-request',
    '100m',
    '-g',
    'https://faas.example.org',
  ]
  await folder.skep(['new', 'hello', '--lang', 'node', ...flags], {
    env: { OPENFAAS_PREFIX: 'registry.example.org/me' },
  })
  expect(file('hello.yml')).toContain(`  gateway: https://faas.example.org
functions:
  hello:
    lang: node
    handler: ./src/hello
    image: registry.example.org/me/hello:latest
    limits:
      memory: 64Mi
    requests:
      cpu: 100m
`)
  expect(existsSync(join(folder.path, 'src/hello/handler.js'))).toBe(true)
})

it('adds to a stack file and changes no other letter in it', async () => {
  const before = '# ours\nversion: 1.0\nfunctions:\n   a: # first\n     image: ${X}/a\n     n: 01 # one\n'
  const after = '\nprovider: { name: openfaas }\n'
  writeFileSync(join(folder.path, 'stack.yml'), before + after)
  const { code } = await folder.skep(['new', 'b', '--lang', 'node', '-p', 'me', '--append', 'stack.yml'])
  expect(code).toBe(0)
  const added = '   b:\n     lang: node\n     handler: ./b\n     image: me/b:latest\n'
  expect(file('stack.yml')).toBe(before + added + after)
})

it.each([
  ['a folder that is there', () => mkdirSync(join(folder.path, 'hello')), []],
  ['a stack file that is there', () => writeFileSync(join(folder.path, 'hello.yml'), 'mine'), []],
  [
    'a function that the file has',
    () => writeFileSync(join(folder.path, 's.yml'), 'functions: { hello: {} }'),
    ['-a', 's.yml'],
  ],
  ['a file that is not there', () => {}, ['-a', 's.yml']],
])('does not overwrite or invent: %s', async (_, prepare, flags) => {
  prepare()
  const { code, stderr } = await folder.skep(['new', 'hello', '--lang', 'node', ...flags])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: /)
  expect(existsSync(join(folder.path, 'hello/handler.js'))).toBe(false)
})

it.each([
  [['Bad_Name', '--lang', 'node'], '"Bad_Name" is no name for a function: use 1 to 63'],
  [['../x', '--lang', 'node'], 'is no name for a function'],
  [['x', '--lang', 'nodee'], 'There is no template "nodee".\nhint: Did you mean "node"?'],
  [['x', '--lang', '../../etc'], 'There is no template "../../etc".'],
])('refuses %j', async (args, message) => {
  const { code, stderr } = await folder.skep(['new', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

it('lists the templates, the user’s own before those that come with Skep', async () => {
  mkdirSync(join(folder.path, 'template/mine/function'), { recursive: true })
  writeFileSync(join(folder.path, 'template/mine/template.yml'), 'language: my own\n')
  const { stdout } = await folder.skep(['new', '--list'])
  expect(stdout).toMatch(/^mine +my own$/m)
  expect(stdout).toMatch(/^node +node$/m)
})
