import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'

let folder: CliFolder
beforeEach(() => void (folder = cliFolder()))
afterEach(() => folder.remove())

const write: CliFolder['write'] = (files) => folder.write(files)

const written = (file = 'stack.yml') =>
  parse(readFileSync(join(folder.path, file), 'utf8'), { schema: 'failsafe' }) as unknown

describe('skep import of a folder', () => {
  it('makes one stack file of all that are in it, with paths that lead from here and values as they were', async () => {
    const head = 'version: 1.0\nprovider:\n  name: openfaas\n'
    write({
      'old/a.yml': `${head}configuration:\n  templates:\n    - name: x\n      source: https://example.org\n  copy: [./lib]
functions:\n  a:\n    lang: node\n    handler: ./a\n    image: \${PREFIX:-me}/a\n    environment: { N: 01, YES: yes, E: 1e3 }\n`,
      'old/b/stack.yaml': `${head}functions:\n  a: { image: x/other }\n  b: { image: x/b, handler: ./h, environment_file: [env.yml] }\n`,
      'old/b/env.yml': 'environment: { A: 1 }',
      'old/template/node/stack.yml': `${head}functions: { no: { image: x } }`,
      'old/other.yml': 'kind: Deployment',
    })
    const { code, stdout, stderr } = await folder.skep(['import', 'old'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'stack.yml: 2 functions\n' })
    expect(stderr).toContain('a is in old/b/stack.yaml, too: that one is left out.')
    expect(written()).toEqual({
      version: '1.0',
      provider: { name: 'openfaas' },
      configuration: { templates: [{ name: 'x', source: 'https://example.org' }], copy: ['./old/lib'] },
      functions: {
        a: {
          lang: 'node',
          handler: './old/a',
          image: '${PREFIX:-me}/a',
          environment: { N: '01', YES: 'yes', E: '1e3' },
        },
        b: { image: 'x/b', handler: './old/b/h', environment_file: ['./old/b/env.yml'] },
      },
    })
    expect(await folder.skep(['import', 'old'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('says what is wrong with what it wrote', async () => {
    write({ 'old/s.yml': 'provider: { name: openfaas }\nfunctions:\n  a: { image: x, timeout: soon }\n' })
    const { code, stderr } = await folder.skep(['import', 'old', '-o', 'new.yml'])
    expect(code).toBe(1) // for it was written
    expect(stderr).toContain('error: new.yml cannot be deployed as it is.\n')
    expect(stderr).toMatch(/new\.yml:\d: functions\.a\.timeout: use a duration/)
  })

  it('wants a folder with a stack file', async () => {
    for (const source of ['none', '.']) expect(await folder.skep(['import', source])).toMatchObject({ code: 2 })
  })
})

describe('skep import of a gateway', () => {
  let server: Server
  // What faas-swarm answers, which runs nowhere here.
  beforeAll(async () => {
    const functions = [
      {
        ...{
          name: 'env',
          image: 'x/env:1',
          namespace: '',
          envProcess: 'env',
          replicas: 2,
          createdAt: '0001-01-01T00:00:00Z',
        },
        labels: { 'com.openfaas.function': 'env', function: 'true', 'com.openfaas.scale.min': '2' },
        ...{ constraints: ['node.role == worker'], secrets: ['key'], envVars: { A: '01' }, limits: { memory: '64m' } },
      },
      { name: 'folder', image: 'dir:/functions/folder', runtime: 'node' }, // as Skep answers
    ]
    server = createServer((_, answer) => answer.end(JSON.stringify(functions)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  it('asks for what runs there, without what the gateway added, and names the secrets to make', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stderr } = await folder.skep(['import', url])
    expect(code).toBe(0)
    expect(stderr).toContain('The secret key has to be made anew: "skep secret create key".')
    expect(stderr).toContain('folder runs from a folder')
    expect(stderr).not.toContain('not a known field')
    expect(written()).toMatchObject({
      functions: {
        env: {
          image: 'x/env:1',
          fprocess: 'env',
          labels: { 'com.openfaas.scale.min': '2' },
          constraints: ['node.role == worker'],
          secrets: ['key'],
          environment: { A: '01' },
          limits: { memory: '64m' },
        },
      },
    })
  })
})
