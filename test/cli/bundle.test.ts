import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'

// Debian's Node, the oldest that the published CLI promises to run on; elsewhere the one that runs the tests.
const node = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath

describe('the published CLI', () => {
  let folder: CliFolder
  beforeAll(async () => {
    await promisify(execFile)('npm', ['run', '-s', 'build'])
    folder = cliFolder([node, resolve('dist/cli.js')])
  })
  afterAll(() => folder.remove())

  it('runs on an old Node, with its templates and runtimes', async () => {
    expect(await folder.skep(['new', 'hello', '--lang', 'node'])).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder.path, 'hello.yml'), 'utf8')).toContain('lang: node')
    expect(await folder.skep(['build', '-f', 'hello.yml', '--shrinkwrap'])).toMatchObject({ code: 0 })
    expect(existsSync(join(folder.path, 'build/hello/runtime/main.mjs'))).toBe(true)
  })

  it('brings its Docker client along', async () => {
    const { stderr } = await folder.skep(['build', '-f', 'hello.yml'], { env: { DOCKER_HOST: 'unix:///nowhere' } })
    expect(stderr).toContain('No Docker engine answers')
  })

  it('speaks to gateways', async () => {
    const { stderr } = await folder.skep(['list', '-g', 'http://127.0.0.1:1'])
    expect(stderr).toContain('Nothing answers at http://127.0.0.1:1')
  })
})
