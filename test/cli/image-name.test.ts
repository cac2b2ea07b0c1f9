import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { imageName } from '../../cli/image-name.ts'

let cwd: string
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'skep-image-'))))
afterEach(() => rmSync(cwd, { recursive: true }))

const git = (...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim()

function commit(): string {
  git('init', '-q', '-b', 'feature/one')
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'one')
  return git('rev-parse', '--short=7', 'HEAD')
}

it.each([
  ['hello', 'hello:latest'],
  ['127.0.0.1:5000/hello', '127.0.0.1:5000/hello:latest'],
  ['127.0.0.1:5000/hello:1.2', '127.0.0.1:5000/hello:1.2'],
  ['dir:/srv/hello', 'dir:/srv/hello'],
])('keeps the tag of %s, and gives a folder none', async (image, expected) => {
  expect(await imageName(image, 'latest', cwd)).toBe(expected)
})

it('takes the tag from git', async () => {
  const sha = commit()
  expect(await imageName('x/hello', 'sha', cwd)).toBe(`x/hello:latest-${sha}`)
  expect(await imageName('x/hello:2', 'branch', cwd)).toBe(`x/hello:2-feature_one-${sha}`)
  git('tag', 'v3')
  expect(await imageName('x/hello', 'describe', cwd)).toBe('x/hello:latest-v3')
})

it('says so where git knows nothing', async () => {
  await expect(imageName('x/hello', 'sha', cwd)).rejects.toMatchObject({ code: 'invalid_request' })
})

it('takes the tag from what the handler holds, not from when or where', async () => {
  const digest = async (folder: string, content: string) => {
    mkdirSync(join(cwd, folder))
    writeFileSync(join(cwd, folder, 'handler.js'), content)
    return imageName('x/hello', 'digest', cwd, join(cwd, folder))
  }
  const first = await digest('a', 'one')
  expect(first).toMatch(/^x\/hello:[0-9a-f]{32}$/)
  expect(await digest('b', 'one')).toBe(first)
  expect(await digest('c', 'two')).not.toBe(first)
})
