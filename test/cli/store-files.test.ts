import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { TestGateway } from '../helpers/gateway.ts'

let folder: CliFolder
let gateway: TestGateway
beforeAll(async () => {
  folder = cliFolder()
  gateway = await TestGateway.start({ SKEP_PROVIDER: 'process', SKEP_CATALOGUE: folder.path })
})
afterAll(async () => {
  await gateway.stop()
  folder.remove()
})

it('the CLI finds templates in the store of its gateway, beside Skep’s own', async () => {
  const repo = join(folder.path, 'repo')
  mkdirSync(join(repo, 'template/cat'), { recursive: true })
  writeFileSync(join(repo, 'template/cat/template.yml'), 'language: cat')
  const commit = ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '--message', 'x']
  for (const words of [['init', '--quiet'], ['add', '--all'], commit]) execFileSync('git', words, { cwd: repo })
  const entry = { template: 'cat', source: 'ours', description: 'A cat', repo: `file://${repo}` }
  writeFileSync(join(folder.path, 'templates.json'), JSON.stringify([entry]))

  const skep = (...args: string[]) =>
    folder.skep(['template', 'store', ...args], { env: { OPENFAAS_URL: gateway.url } })
  expect((await skep('list')).stdout).toMatch(/^node +skep [^]*^cat +ours +A cat$/m)
  expect(await skep('pull', 'cat')).toMatchObject({ code: 0, stdout: 'cat: written to template/cat\n' })
})

it.each([['functions.json'], ['password'], ['..%2fpassword']])(
  'a gateway gives nobody %s that is not there',
  async (file) => {
    const answer = await fetch(`${gateway.url}/store/${file}`)
    expect([400, 401, 404]).toContain(answer.status)
  },
)
