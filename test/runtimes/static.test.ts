import { utimes } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { withHandler } from '../helpers/with-handler.ts'

const files = { 'index.html': '<h1>hi</h1>', 'bees & co.txt': 'bees', '.secret': 'no' }
const site = { runtime: 'static', files }

describe('runtime: static', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<h1>hi</h1>'],
    ['/index.html?a=1', 'text/html; charset=utf-8', '<h1>hi</h1>'],
    ['/bees%20%26%20co.txt', 'text/plain; charset=utf-8', 'bees'],
  ])('serves %s', (path, type, text) =>
    withHandler(site, async (running) => {
      const answer = await fetch(running.url + path)
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, type, text])
    }),
  )

  it.each(['/missing', '/.secret', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc%2fpasswd', '/%ff', '/a%00b'])(
    'has no %s',
    (path) =>
      withHandler(site, async (running) => {
        expect((await fetch(running.url + path)).status).toBe(404)
      }),
  )

  it('says how long a file is without sending it', () =>
    withHandler(site, async (running) => {
      const { status, headers } = await fetch(running.url, { method: 'HEAD' })
      expect([status, headers.get('content-length')]).toEqual([200, '11'])
    }))

  it('does not send again what the caller has', () =>
    withHandler(site, async (running) => {
      const tag = (await fetch(running.url)).headers.get('etag') ?? ''
      const again = await fetch(running.url, { headers: { 'If-None-Match': tag } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }))

  it('sends again what has changed, although an image gives every file the same time', async () => {
    const tagOf = async (text: string) => {
      let tag: string | null = null
      await withHandler({ runtime: 'static', files: { 'a.txt': text } }, async ({ url }, folder) => {
        await utimes(`${folder}/a.txt`, 0, 0)
        tag = (await fetch(`${url}/a.txt`)).headers.get('etag')
      })
      return tag
    }
    const tags = [await tagOf('one'), await tagOf('two'), await tagOf('one')]
    expect(new Set(tags).size).toBe(2)
    expect(tags[2]).toBe(tags[0])
  })

  it('takes nothing', () =>
    withHandler(site, async (running) => {
      expect((await fetch(running.url, { method: 'POST', body: 'a' })).status).toBe(405)
    }))
})
