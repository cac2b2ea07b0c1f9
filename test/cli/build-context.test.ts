import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildContext } from '../../cli/build-context.ts'
import { packed, written } from '../../cli/context-out.ts'
import type { Template } from '../../cli/template.ts'

let cwd: string
beforeEach(() => (cwd = mkdtempSync(join(tmpdir(), 'skep-context-'))))
afterEach(() => rmSync(cwd, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), content)
  }
}

const template = (extra: Partial<Template> = {}): Template => ({
  name: 'node',
  language: 'node',
  folder: join(cwd, 'template'),
  handler_folder: 'function',
  build_options: [],
  ...extra,
})

async function paths(withTemplate?: Template, copy: readonly string[] = []): Promise<string[]> {
  const files = await buildContext({ cwd, handler: join(cwd, 'handler'), template: withTemplate, copy })
  return files.map(({ path }) => path)
}

describe('the context of a build', () => {
  it('is the template with the handler in its place, without template.yml', async () => {
    write({ 'template/Dockerfile': '', 'template/template.yml': '', 'template/index.js': '', 'handler/lib/a.js': '' })
    expect(await paths(template())).toEqual(['Dockerfile', 'function/lib/a.js', 'index.js'])
  })

  it('keeps what only the scaffold of an OpenFaaS template has, and the handler’s own of what both have', async () => {
    write({
      'template/Dockerfile': '',
      'template/function/a.js': 'old',
      'template/function/b.js': '',
      'handler/a.js': '',
    })
    const files = await buildContext({ cwd, handler: join(cwd, 'handler'), template: template(), copy: [] })
    expect(files.map(({ source }) => source.slice(cwd.length))).toEqual([
      '/template/Dockerfile',
      '/handler/a.js',
      '/template/function/b.js',
    ])
  })

  it('has the runtime, and nothing of the scaffold, when the template names one', async () => {
    write({ 'template/Dockerfile': '', 'template/function/handler.ts': '', 'handler/handler.js': '' })
    const all = await paths(template({ runtime: 'node' }))
    expect(all).toContain('runtime/main.mjs')
    expect(all.filter((path) => path.startsWith('function/'))).toEqual(['function/handler.js'])
  })

  it('puts the handler where the template wants it', async () => {
    write({ 'template/Dockerfile': '', 'handler/a.go': '' })
    expect(await paths(template({ handler_folder: 'src/handler' }))).toEqual(['Dockerfile', 'src/handler/a.go'])
  })

  it('is the handler’s folder alone when that has a Dockerfile', async () => {
    write({ 'handler/Dockerfile': '', 'handler/app.sh': '' })
    expect(await paths()).toEqual(['Dockerfile', 'app.sh'])
  })

  it('leaves out what the .dockerignore beside the handler names, at every depth', async () => {
    write({
      'template/Dockerfile': '',
      'handler/.dockerignore': 'node_modules\n**/*.log\nsecret\n!secret/public.txt\n# a comment\n',
      'handler/node_modules/x/index.js': '',
      'handler/a/b.log': '',
      'handler/a/b.js': '',
      'handler/secret/key': '',
      'handler/secret/public.txt': '',
    })
    expect(await paths(template())).toEqual(['Dockerfile', 'function/a/b.js', 'function/secret/public.txt'])
  })

  it('leaves out what the template’s .dockerignore names, in the handler too, but never the Dockerfile', async () => {
    write({
      'template/.dockerignore': 'function/node_modules\nDockerfile\nREADME.md',
      'template/Dockerfile': '',
      'template/README.md': '',
      'handler/node_modules/x.js': '',
      'handler/README.md': '',
    })
    expect(await paths(template())).toEqual(['Dockerfile', 'function/README.md'])
  })

  it('leaves out .git, and `build` and `template` beside the handler', async () => {
    write({ 'handler/Dockerfile': '', 'handler/.git/HEAD': '', 'handler/build/f/x': '', 'handler/template/t': '' })
    write({ 'handler/src/build/kept': '' })
    expect(await paths()).toEqual(['Dockerfile', 'src/build/kept'])
  })

  it('takes along what is to be copied beside the handler', async () => {
    write({ 'template/Dockerfile': '', 'handler/a.js': '', 'common/lib/x.js': '', 'models/m.bin': '' })
    expect(await paths(template(), ['./common', 'models/m.bin'])).toEqual([
      'Dockerfile',
      'function/a.js',
      'function/common/lib/x.js',
      'function/models/m.bin',
    ])
  })

  it.each(['..', '.', '/etc', 'handler/../../x', 'missing'])('refuses to copy %s', async (path) => {
    write({ 'handler/Dockerfile': '' })
    await expect(paths(undefined, [path])).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('keeps links that stay inside and does not follow them', async () => {
    write({ 'handler/Dockerfile': '', 'handler/lib/a.js': '' })
    symlinkSync('lib/a.js', join(cwd, 'handler/link.js'))
    symlinkSync('lib', join(cwd, 'handler/folder'))
    const files = await buildContext({ cwd, handler: join(cwd, 'handler'), template: undefined, copy: [] })
    expect(files.map(({ path, link }) => [path, link])).toEqual([
      ['Dockerfile', undefined],
      ['folder', 'lib'],
      ['lib/a.js', undefined],
      ['link.js', 'lib/a.js'],
    ])
  })

  it.each(['/etc/passwd', '../outside', 'lib/../../outside'])('refuses a link to %s', async (target) => {
    write({ 'handler/Dockerfile': '', outside: 'a secret' })
    symlinkSync(target, join(cwd, 'handler/link'))
    await expect(paths()).rejects.toThrow('points out of its folder')
  })

  it('takes no notice of such a link when it is ignored', async () => {
    write({ 'handler/Dockerfile': '', 'handler/.dockerignore': 'link' })
    symlinkSync('/etc/passwd', join(cwd, 'handler/link'))
    expect(await paths()).toEqual(['Dockerfile'])
  })

  it('needs the handler’s folder', async () => {
    await expect(paths()).rejects.toThrow(`There is no folder ${join(cwd, 'handler')}.`)
  })
})

describe('a packed context', () => {
  const pack = async () =>
    buffer(packed(await buildContext({ cwd, handler: join(cwd, 'handler'), template: undefined, copy: [] })))

  it('is the same to the byte whatever the times, the owners’ modes and the order of writing are', async () => {
    write({ 'handler/Dockerfile': 'FROM scratch', 'handler/b/run.sh': 'x', 'handler/a.js': 'y'.repeat(100_000) })
    chmodSync(join(cwd, 'handler/b/run.sh'), 0o755)
    const first = await pack()
    utimesSync(join(cwd, 'handler/a.js'), 1, 1)
    chmodSync(join(cwd, 'handler/a.js'), 0o600)
    chmodSync(join(cwd, 'handler/b/run.sh'), 0o700)
    expect((await pack()).equals(first)).toBe(true)
    expect(await entriesOf(first)).toEqual([
      { name: 'b', type: 'directory', mode: 0o755, size: 0 },
      { name: 'Dockerfile', type: 'file', mode: 0o644, size: 12 },
      { name: 'a.js', type: 'file', mode: 0o644, size: 100_000 },
      { name: 'b/run.sh', type: 'file', mode: 0o755, size: 1 },
    ])
  })

  it('fails when a file vanishes while it is packed', async () => {
    write({ 'handler/Dockerfile': '' })
    const files = await buildContext({ cwd, handler: join(cwd, 'handler'), template: undefined, copy: [] })
    rmSync(join(cwd, 'handler/Dockerfile'))
    await expect(buffer(packed(files))).rejects.toThrow('ENOENT')
  })

  it('can be written to a folder instead, which then holds nothing else', async () => {
    write({ 'handler/Dockerfile': '', 'handler/lib/a.js': 'a', 'out/old': '' })
    const files = await buildContext({ cwd, handler: join(cwd, 'handler'), template: undefined, copy: [] })
    await written(files, join(cwd, 'out'))
    const again = await buildContext({ cwd, handler: join(cwd, 'out'), template: undefined, copy: [] })
    expect(again.map(({ path }) => path)).toEqual(['Dockerfile', 'lib/a.js'])
  })
})

async function entriesOf(tar: Buffer) {
  const entries: object[] = []
  const reader = extract()
  reader.on('entry', ({ name, type, mode, size }, stream, next) => {
    entries.push({ name, type, mode, size })
    stream.on('end', next).resume()
  })
  reader.end(tar)
  await new Promise((resolve, reject) => reader.on('finish', resolve).on('error', reject))
  return entries
}
