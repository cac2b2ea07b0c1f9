import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract, pack, type Headers } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepContext } from '../../gateway/builds/context.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'skep-sent-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const kept = () => join(folder, 'kept.tar')

async function tar(entries: readonly Headers[]): Promise<Buffer> {
  const out = pack()
  for (const { ...header } of entries) {
    if (header.type === 'file' || header.type === undefined) out.entry(header, header.name)
    else out.entry(header)
  }
  out.finalize()
  return buffer(out)
}

const keep = (bytes: Buffer, maxBytes = 1e6) =>
  keepContext(Readable.from([bytes]), kept(), { maxBytes, signal: new AbortController().signal })

async function names(): Promise<string[]> {
  const found: string[] = []
  const reader = extract()
  reader.on('entry', ({ name, linkname }, content, next) => {
    found.push(linkname ? `${name} -> ${linkname}` : name)
    content.resume().once('end', next)
  })
  Readable.from([readFileSync(kept())]).pipe(reader)
  await new Promise((resolve, reject) => reader.once('finish', resolve).once('error', reject))
  return found
}

const link = (name: string, linkname: string): Headers => ({ name, type: 'symlink', linkname })

describe('what a caller sends to be built', () => {
  it('is kept when all of it stays in the folder, links too', async () => {
    await keep(
      await tar([
        { name: './', type: 'directory' },
        { name: 'a/b/', type: 'directory' },
        { name: './a/b/file' },
        link('a/b/link', '../../c/file'),
        link('c/here', './file'),
        { name: 'c/file' },
      ]),
    )
    expect(await names()).toEqual(['.', 'a/b', 'a/b/file', 'a/b/link -> ../../c/file', 'c/here -> ./file', 'c/file'])
  })

  it.each<[string, readonly Headers[]]>([
    ['an absolute path', [{ name: '/etc/passwd' }]],
    ['a path that leads up', [{ name: 'a/../../etc/passwd' }]],
    ['a path with a backslash', [{ name: '..\\etc\\passwd' }]],
    ['a link to an absolute path', [link('a', '/etc/passwd')]],
    ['a link that leads up and out', [link('a/b', '../../etc')]],
    ['a link that leads up once it is down', [link('a/b', 'c/../../..')]],
    ['a chain of links that leads out', [link('x/y/up', '../..'), link('x/y/out', 'up/../../etc')]],
    ['a file below a link', [link('a', 'b'), { name: 'a/file' }]],
    ['a file where a link was', [link('a', 'b'), { name: 'a' }]],
    ['a link where a folder was', [{ name: 'a/file' }, link('a', 'b')]],
    ['a hard link', [{ name: 'a', type: 'link', linkname: '../../etc/shadow' }]],
    ['a device', [{ name: 'a', type: 'character-device' }]],
    ['a pipe', [{ name: 'a', type: 'fifo' }]],
    ['too many files', Array.from({ length: 20_001 }, (_, i) => ({ name: `f${i}`, type: 'directory' as const }))],
  ])('is refused with %s', async (_, entries) => {
    await expect(keep(await tar(entries), 1e8)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('is refused when it is too large, before all of it was read', async () => {
    const files = pack()
    files.entry({ name: 'endless', size: 1e12 })
    let sent = 0
    const endless = function* () {
      yield files.read() as Buffer
      for (; ; sent += 65_536) yield Buffer.alloc(65_536)
    }
    const limits = { maxBytes: 1e6, signal: new AbortController().signal }
    await expect(keepContext(Readable.from(endless()), kept(), limits)).rejects.toMatchObject({
      code: 'body_too_large',
    })
    expect(sent).toBeLessThan(3e6)
  })

  it.each([
    ['no tar', async () => Buffer.alloc(5000, 7)],
    ['half of one', async () => (await tar([{ name: 'file' }])).subarray(0, 515)],
  ])('is refused when it is %s', async (_, bytes) => {
    await expect(keep(await bytes())).rejects.toMatchObject({ code: 'invalid_request' })
  })
})
