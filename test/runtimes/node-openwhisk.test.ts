import { describe, expect, it } from 'vitest'
import { json } from '../helpers/json.ts'
import { withHandler } from '../helpers/with-handler.ts'

describe('node-openwhisk', () => {
  const action = (source: string) => ({ runtime: 'node-openwhisk', files: { 'index.js': source } })

  it('merges the query, the body and what it knows of the request', () =>
    withHandler(action('function main(params) { return params }'), async (running) => {
      const answer = await fetch(`${running.url}/x?a=1&b=2`, json({ b: 3 }))
      expect(await answer.json()).toMatchObject({ a: '1', b: 3, __ow_method: 'post', __ow_path: '/x' })
    }))

  it.each([
    ['JSON that is no object', json([1]), { __ow_body: [1], __ow_path: '' }],
    ['text', { method: 'POST', body: 'hi' }, { __ow_body: 'hi' }],
    ['bytes', { method: 'POST', body: new Uint8Array([104, 105]) }, { __ow_body: 'aGk=' }],
  ])('is given %s as its body', (_, init, expected) =>
    withHandler(action('function main(params) { return params }'), async (running) => {
      expect(await (await fetch(running.url, init)).json()).toMatchObject(expected)
    }),
  )

  it('is given the query and the body as they came when it is raw', () =>
    withHandler(
      { ...action('function main(params) { return params }'), environment: { __OW_RAW_HTTP: 'true' } },
      async (running) => {
        const answer = (await (await fetch(`${running.url}/x?a=%31`, json({ b: 3 }))).json()) as object
        expect(answer).toMatchObject({ __ow_query: 'a=%31', __ow_body: btoa('{"b":3}'), __ow_path: '/x' })
        expect(answer).not.toHaveProperty('b')
      },
    ))

  it.each([
    ['written down, with a word on exports', { 'index.js': '// no exports\nconst main = () => ({ hi: 1 })' }, {}],
    [
      'in the main of package.json',
      { 'index.js': '', 'lib.js': 'exports.main = () => ({ hi: 1 })', 'package.json': '{ "main": "lib" }' },
      {},
    ],
    ['exported as module', { 'index.js': 'module.exports = { main() { return { hi: 1 } } }' }, {}],
    [
      'in a file that is named',
      { 'index.js': '', 'bee.js': 'exports.fly = () => ({ hi: 1 })' },
      { __OW_MAIN: 'bee.fly' },
    ],
    ['of an ES module', { 'index.mjs': 'export const main = async () => ({ hi: 1 })' }, {}],
  ])('is found %s', (_, files: Record<string, string>, environment: Record<string, string>) =>
    withHandler({ runtime: 'node-openwhisk', files, environment }, async (running) => {
      expect(await (await fetch(running.url)).json()).toEqual({ hi: 1 })
    }),
  )

  it('says where its syntax is wrong', () =>
    withHandler(action('function main() {\n  return {\n'), async (running) => {
      const answer = await fetch(running.url) // which waits for the action
      expect(await answer.json()).toEqual({ error: expect.stringMatching(/index\.js:\d: SyntaxError/) })
    }))

  it('knows its name and its activation', () =>
    withHandler(
      action('function main() { return [process.env.__OW_ACTION_NAME, process.env.__OW_ACTIVATION_ID] }'),
      async (running) => {
        const answer = await fetch(running.url, { headers: { 'x-call-id': 'a-b' } })
        expect(await answer.json()).toEqual(['/_/action', 'ab'])
      },
    ))

  it.each([
    ['an HTTP answer', '{ statusCode: 201, headers: { "x-a": "1" }, body: { a: 1 } }', 201, '{"a":1}'],
    ['HTML', '{ body: "<p>hi</p>" }', 200, '<p>hi</p>'],
    ['nothing', '{ body: "" }', 204, ''],
    ['bytes', '{ headers: { "Content-Type": "image/png" }, body: "aGk=" }', 200, 'hi'],
    ['an error', '{ error: "no honey" }', 502, '{"error":"no honey"}'],
    ['a promise', 'Promise.resolve({ a: 1 })', 200, '{"a":1}'],
    ['nothing at all', 'undefined', 200, '{}'],
    ['a list', '[1, 2]', 200, '[1,2]'],
    ['what it rejects with', 'Promise.reject({ statusCode: 404, body: "none" })', 404, 'none'],
    ['an error it rejects with', 'Promise.reject(new Error("no honey"))', 500, '{"error":"no honey"}'],
    ['no object', '7', 500, '{"error":"The action did not return an object."}'],
  ])('answers with %s', (_, result, status, text) =>
    withHandler(action(`exports.main = () => (${result})`), async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.text()]).toEqual([status, text])
    }),
  )
})
