import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Revision } from '../../gateway/core/ports.ts'
import type { FunctionSpec } from '../../gateway/core/spec.ts'
import { askSoon, useSite } from '../contract/provider-site.ts'
import { needs } from '../helpers/needs.ts'
import { processGround } from './process-ground.ts'

const site = useSite('process', processGround)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skep-function-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

/** Prepares the folder; resolves with what was told meanwhile. */
async function prepare(asked: Partial<FunctionSpec> = {}): Promise<{ made: Revision; told: string[] }> {
  const made = site().revision('probe', { image: `dir:${folder}`, ...asked })
  const told: string[] = []
  await site().provider.prepare(made, (message) => told.push(message))
  return { made, told }
}

async function answerOf(made: Revision): Promise<string> {
  await site().provider.scale(made, 1)
  return askSoon(await site().replicaOf(made), '/')
}

describe('preparing a folder', () => {
  it('makes a copy: a later edit changes no revision', async () => {
    await write({
      'handler.js': 'module.exports = () => require("./words/greeting.json")',
      'words/greeting.json': '"hi"',
    })
    const { made } = await prepare()
    await write({ 'words/greeting.json': '"changed"' })
    expect(await answerOf(made)).toBe('hi')
  })

  it('knows a folder again by its files, whatever stands beside what it keeps of them', async () => {
    const digest = async (): Promise<string | undefined> =>
      site().provider.digestOf?.(site().revision('probe', { image: `dir:${folder}` }).spec, () => {})
    await write({ 'handler.js': 'one', 'words/a.txt': '1' })
    const first = await digest()
    await write({ 'handler.js': 'one', '.git/HEAD': 'main', 'node_modules/x/index.js': 'installed' })
    expect(await digest()).toBe(first)
    await write({ 'words/a.txt': '2' })
    expect(await digest()).not.toBe(first)
  })

  it('lets the handler find its files from the working directory as it does in an image', async () => {
    await write({
      'handler.js': 'module.exports = () => require("fs").readFileSync("function/data.txt", "utf8")',
      'data.txt': 'honey',
    })
    expect(await answerOf((await prepare()).made)).toBe('honey')
  })

  it.each([
    [{ image: 'ghcr.io/openfaas/alpine:latest' }, /runs folders, not the image "ghcr/],
    [{ image: 'dir:functions/hello' }, /not an absolute path/],
    [{ runtime: 'cobol' }, /no runtime "cobol"/],
    [{ runtime: 'python' }, /no handler for python/],
  ])('refuses %j', async (asked, message) => {
    await write({ 'handler.js': '' })
    await expect(prepare(asked)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    })
  })

  it('names the runtimes when none fits', async () => {
    await write({ 'handler.cob': '' })
    await expect(prepare()).rejects.toMatchObject({ code: 'invalid_request', hint: expect.stringContaining('node') })
  })

  it('refuses a link that leads out of the folder, for what it leads to may change', async () => {
    await write({ 'handler.js': '' })
    await symlink('/etc/hostname', join(folder, 'name'))
    await expect(prepare()).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('/etc/hostname'),
    })
    expect(await site().provider.revisions()).toEqual([])
  })

  it('says what it does not do', async () => {
    await write({ 'handler.js': '' })
    const { told } = await prepare({ limits: { cpu: '0.5' }, readOnlyRootFilesystem: true })
    expect(told).toEqual([expect.stringMatching(/^limits.cpu has no effect/), expect.stringMatching(/^readOnlyRoot/)])
  })
})

describe('dependencies', () => {
  const handler = 'module.exports = () => require("bees").name'
  const bees = {
    'bees/package.json': '{"name":"bees","version":"1.0.0","main":"index.js"}',
    'bees/index.js': 'exports.name = "Maja"',
  }
  const manifest = { 'package.json': '{"dependencies":{"bees":"file:./bees"}}' }

  it('are installed in the copy, not in the folder', async () => {
    await write({ 'handler.js': handler, ...bees, ...manifest })
    const { made } = await prepare()
    expect(await answerOf(made)).toBe('Maja')
    await expect(readFile(join(folder, 'package-lock.json'))).rejects.toThrow('ENOENT')
  })

  it('are taken over from an earlier revision that asked for the same', async () => {
    await write({ 'handler.js': handler, ...bees, ...manifest })
    expect((await prepare()).told.join()).toContain('added 1 package')
    await write({ 'handler.js': `${handler} + "!"` })
    const { made, told } = await prepare()
    expect(told).toEqual([])
    expect(await answerOf(made)).toBe('Maja!')
  })

  it('are used as they lie in the folder when they were installed after the last change', async () => {
    await write({ 'handler.js': handler, ...manifest, 'node_modules/bees/index.js': 'exports.name = "Willi"' })
    const old = new Date(Date.now() - 60_000)
    await utimes(join(folder, 'package.json'), old, old)
    expect(await answerOf((await prepare()).made)).toBe('Willi')
  })

  it('are installed anew when package.json is newer than what lies there', async () => {
    await write({ 'handler.js': handler, ...bees, ...manifest, 'node_modules/bees/index.js': 'exports.name = "old"' })
    const old = new Date(Date.now() - 60_000)
    await utimes(join(folder, 'node_modules'), old, old)
    expect(await answerOf((await prepare()).made)).toBe('Maja')
  })

  it('that cannot be installed fail the deploy with what the installer said', async () => {
    await write({ 'handler.js': handler, 'package.json': '{"dependencies":{"bees":"file:./nowhere.tgz"}}' })
    const { name } = site().revision('probe').spec
    const failed = prepare({ name })
    await expect(failed).rejects.toMatchObject({ code: 'invalid_request', detail: expect.stringContaining('nowhere') })
    expect((await site().provider.revisions()).map(({ spec }) => spec.name)).not.toContain(name)
  })
})

describe('a handler that is compiled', needs('java'), () => {
  const saying = (word: string): Record<string, string> => ({
    'Handler.java': `public class Handler { public String handle(skep.Event event) { return "${word}"; } }`,
  })

  it('is compiled for every revision, whatever was compiled in its folder before', async () => {
    await write({ ...saying('hi'), '.skep/classes/Handler.class': 'of another day' })
    const first = await prepare()
    await write(saying('changed'))
    const second = await prepare()
    expect([await answerOf(first.made), await answerOf(second.made)]).toEqual(['hi', 'changed'])
    expect(await readFile(join(folder, '.skep/classes/Handler.class'), 'utf8')).toBe('of another day')
  })

  it('and does not compile fails the deploy with what the compiler said, not as a missing dependency', async () => {
    await write({ 'Handler.java': 'public class Handler { public String handle(String text) { return 1; } }' })
    await expect(prepare()).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/^The handler cannot be compiled: /),
      detail: expect.stringContaining('Handler.java:1: error: incompatible types'),
    })
  })
})
