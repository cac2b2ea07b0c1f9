import { describe, expect, it } from 'vitest'
import type { RunningHandler } from '../contract/runtime.ts'
import { describeLanguage } from '../helpers/language.ts'
import { until } from '../helpers/until.ts'
import { withHandler, type Files } from '../helpers/with-handler.ts'

describeLanguage('node', { needs: [], bases: { BASE_IMAGE: 'node' } })

const withNode = (files: Files, test: (running: RunningHandler) => Promise<void>): Promise<void> =>
  withHandler({ runtime: 'node', files }, test)

const post = (running: RunningHandler, body: string): Promise<Response> =>
  fetch(running.url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } })

/** Every one of them answers `hi bees` to `bees`. */
const styles: readonly (readonly [string, Files])[] = [
  ['a CommonJS function', { 'handler.js': 'module.exports = (event) => `hi ${event.body}`' }],
  ['an async one', { 'handler.cjs': 'module.exports = async (event, context) => `hi ${event.body}`' }],
  ['a function called handle', { 'handler.js': 'exports.handle = async (event) => `hi ${event.body}`' }],
  ['an ES module', { 'handler.mjs': 'export default async ({ body }) => `hi ${body}`' }],
  [
    'an ES module with a function called handler',
    { 'handler.mjs': 'export const handler = ({ body }) => `hi ${body}`' },
  ],
  [
    'an ES module compiled to CommonJS',
    { 'handler.js': 'exports.__esModule = true; exports.default = (e) => `hi ${e.body}`' },
  ],
  [
    'TypeScript',
    {
      'handler.ts': 'export default ({ body }: { body: string }): string => `hi ${body}`',
      'package.json': '{ "type": "module" }',
    },
  ],
  [
    'another file that package.json names',
    { 'app.js': 'module.exports = (e) => `hi ${e.body}`', 'package.json': '{ "main": "app.js" }' },
  ],
  ['a callback', { 'handler.js': 'module.exports = (context, callback) => callback(undefined, `hi ${context}`)' }],
  [
    'a callback called later',
    {
      'handler.js':
        'module.exports = (context, callback) => { setTimeout(() => callback(null, `hi ${context.body}`), 20) }',
    },
  ],
  [
    'an OpenFaaS context',
    {
      'handler.js':
        'module.exports = async (event, context) => context.status(200).headers({ "x-a": "1" }).succeed(`hi ${event.body}`)',
    },
  ],
  [
    'an OpenFaaS context used later',
    {
      'handler.js':
        'module.exports = (event, context) => { setTimeout(() => context.succeed(`hi ${event.body}`), 20) }',
    },
  ],
  [
    'a web Response',
    { 'handler.js': 'module.exports = (event) => new Response(`hi ${event.body}`, { headers: { "x-a": "1" } })' },
  ],
]

describe('a Node handler', () => {
  it.each(styles)('can be %s', (_, files) =>
    withNode(files, async (running) => {
      const answer = await post(running, 'bees')
      expect([answer.status, await answer.text()]).toEqual([200, 'hi bees'])
    }),
  )

  it('may be the one of the article that Skep began with', () => {
    const source = "module.exports = (context, callback) => {\n  callback(undefined, {status: 'Hello World'});\n}\n"
    return withNode({ 'handler.js': source }, async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.json()]).toEqual([200, { status: 'Hello World' }])
    })
  })

  it('may parse its first argument, as the old callback style did', () => {
    const source = 'module.exports = (context, callback) => callback(null, JSON.parse(context).name)'
    return withNode({ 'handler.js': source }, async (running) => {
      expect(await (await post(running, '{"name":"Maja"}')).text()).toBe('Maja')
    })
  })

  it.each([
    ['callback(new Error("no honey"))', 500],
    ['callback("no honey")', 500],
    ['callback.fail(new Error("no honey"))', 500],
    ['callback.status(404).fail("no honey")', 404],
    ['setTimeout(() => callback("no honey"), 20)', 500],
  ])('fails by %s', (statement, status) =>
    withNode({ 'handler.js': `module.exports = (context, callback) => { ${statement} }` }, async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.json()]).toEqual([status, { error: 'no honey' }])
    }),
  )

  it('applies the status and the headers of its context to a value that it returns', () => {
    const source =
      'module.exports = async (event, context) => { context.status(202).headers({ "x-a": "1" }); return "soon" }'
    return withNode({ 'handler.js': source }, async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, answer.headers.get('x-a'), await answer.text()]).toEqual([202, '1', 'soon'])
    })
  })

  it.each([
    '() => () => {}',
    '() => 1n',
    '() => ({ statusCode: 99 })',
    '() => ({ statusCode: 200, headers: { a: "\\n" } })',
  ])('gets 500 and a line in the log when its answer cannot be sent: %s', (source) =>
    withNode({ 'handler.js': `module.exports = ${source}` }, async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.json()]).toEqual([500, { error: expect.any(String) }])
      await until(() => running.logs() !== '')
    }),
  )

  it('ends when an error is left over, after it has answered what else is in flight', () =>
    withNode(
      { 'handler.js': 'module.exports = async () => { Promise.reject(new Error("left over")); return "answered" }' },
      async (running) => {
        expect(await (await fetch(running.url)).text()).toBe('answered')
        await until(() =>
          fetch(running.url).then(
            () => false,
            () => true,
          ),
        )
        expect(running.logs()).toContain('left over')
      },
    ))

  it('may answer a caller who has left', () => {
    const source = `const waiting = []
      const paths = {
        '/wait': (context) => void waiting.push(context),
        '/count': () => String(waiting.length),
        '/answer': () => waiting.map(({ succeed }) => succeed('too late')).length,
      }
      module.exports = ({ path }, context) => paths[path](context)`
    return withNode({ 'handler.js': source }, async (running) => {
      const get = async (path: string): Promise<string> => (await fetch(running.url + path)).text()
      const leave = new AbortController()
      const left = fetch(`${running.url}/wait`, { signal: leave.signal })
      await until(async () => (await get('/count')) === '1')
      leave.abort()
      await expect(left).rejects.toThrow('aborted')
      expect(await get('/answer')).toBe('1')
      expect(await get('/count')).toBe('1')
    })
  })

  it('cuts an answer visibly when its stream breaks', () => {
    const source = 'module.exports = async function* () { yield "half"; throw new Error("the pipe burst") }'
    return withNode(
      { 'handler.js': `${source.replace('module.exports =', 'const lines =')}; module.exports = () => lines()` },
      async (running) => {
        const answer = await fetch(running.url)
        await expect(answer.text()).rejects.toThrow()
        await until(() => running.logs().includes('the pipe burst'))
      },
    )
  })
})

/** Its answer to `/slow` is a stream, made when `/go` has been called and the caller of `/slow` may be gone. */
const late = `
const { Readable } = require('node:stream')
let go
module.exports = async ({ path }) => {
  if (path === '/go') return void setTimeout(go, 200)
  if (path === '/ok') return 'ok'
  console.log('begun')
  await new Promise((resolve) => (go = resolve))
  setImmediate(() => console.log('answered'))
  return Readable.from(['a'])
}`

it('goes on when a handler answers with a stream after its caller has left: the whole replica ended', () =>
  withNode({ 'handler.js': late }, async (running) => {
    const left = new AbortController()
    const slow = fetch(`${running.url}/slow`, { signal: left.signal }).catch(() => 'left')
    await until(() => running.logs().includes('begun'))
    left.abort()
    expect(await slow).toBe('left')
    await fetch(`${running.url}/go`)
    await until(() => running.logs().includes('answered'))
    expect(await (await fetch(`${running.url}/ok`)).text()).toBe('ok')
    expect(running.logs()).not.toContain('Error')
  }))

describe('a Node handler that cannot be loaded', () => {
  it.each([
    ['a syntax error', { 'handler.js': 'const a = 1\nmodule.exports = (' }, /^cannot load: handler\.js:2: SyntaxError/],
    [
      'a syntax error in an ES module',
      { 'handler.mjs': 'const a = 1\n\nexport default a b' },
      /^cannot load: handler\.mjs:3: SyntaxError/,
    ],
    [
      'a missing package',
      { 'handler.js': '\nrequire("no-such-package")' },
      /^cannot load: handler\.js:2: Error: Cannot find module/,
    ],
    [
      'an export that is no function',
      { 'handler.js': 'module.exports = 7' },
      /^cannot load: handler\.js exports no function/,
    ],
    ['no handler', { 'readme.md': '' }, /^cannot load: There is no handler in .*looked for handler\.js/],
    ['a package.json that is none', { 'package.json': '{', 'handler.js': '' }, /package\.json/],
  ])('says so: %s', (_, files, reason) =>
    withNode(files, async (running) => {
      await until(async () => (await (await fetch(`${running.url}/_/ready`)).text()) !== 'loading')
      expect(await (await fetch(`${running.url}/_/ready`)).text()).toMatch(reason)
    }),
  )
})
