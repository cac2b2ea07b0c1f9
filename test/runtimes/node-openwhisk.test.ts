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
    ['an HTTP answer', '{ statusCode: 201, headers: { "x-a": "1" }, body: { a: 1 } }', 201, '{"a":1}'],
    ['HTML', '{ body: "<p>hi</p>" }', 200, '<p>hi</p>'],
    ['nothing', '{ body: "" }', 204, ''],
    ['bytes', '{ headers: { "Content-Type": "image/png" }, body: "aGk=" }', 200, 'hi'],
    ['an error', '{ error: "no honey" }', 502, '{"error":"no honey"}'],
    ['a promise', 'Promise.resolve({ a: 1 })', 200, '{"a":1}'],
    ['no object', '7', 500, '{"error":"The action did not return an object."}'],
  ])('answers with %s', (_, result, status, text) =>
    withHandler(action(`exports.main = () => (${result})`), async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.text()]).toEqual([status, text])
    }),
  )
})
