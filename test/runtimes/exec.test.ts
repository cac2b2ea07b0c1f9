import { describe, expect, it } from 'vitest'
import { freePort } from '../helpers/free-port.ts'
import { describeLanguage } from '../helpers/language.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

const nothingToLoad = 'a program is started for each request, so there is nothing to load'
const cannot = {
  parseBodies: 'a program gets the bytes of a body and the text of a query',
  load: nothingToLoad,
  'fail loading': `${nothingToLoad}; whether it can be started is tested for itself`,
}
const bases = { BASE_IMAGE: 'node' } as const
describeLanguage('exec', { needs: [], bases, environment: { mode: 'cgi' }, cannot })

const script = (source: string, environment: Record<string, string> = {}) => ({
  runtime: 'exec',
  files: { 'handler.sh': `#!/bin/sh\n${source}\n` },
  environment,
})

describe('a program', () => {
  it('may be any on the path, with arguments', () =>
    withHandler({ runtime: 'exec', files: {}, environment: { fprocess: 'wc -c' } }, async (running) => {
      const answer = await fetch(running.url, { method: 'POST', body: 'bees' })
      expect([answer.headers.get('content-type'), (await answer.text()).trim()]).toEqual([
        'text/plain; charset=utf-8',
        '4',
      ])
    }))

  it('may be a binary', () =>
    withHandler({ runtime: 'exec', files: {}, environment: { fprocess: '/bin/cat' } }, async (running) => {
      const answer = await fetch(running.url, { method: 'POST', body: '{ no JSON', headers: jsonType })
      expect(await answer.text()).toBe('{ no JSON')
    }))

  it('is told of the request in the words of CGI and of OpenFaaS', () => {
    const told =
      'echo "$REQUEST_METHOD $PATH_INFO $QUERY_STRING $HTTP_X_A $CONTENT_LENGTH"; echo "$Http_Method $Http_X_A"'
    return withHandler(script(told), async (running) => {
      const answer = await fetch(`${running.url}/a/b?c=1`, { method: 'PUT', body: 'bees', headers: { 'X-A': 'x' } })
      expect(await answer.text()).toBe('PUT /a/b c=1 x 4\nPUT x\n')
    })
  })

  it('does not take the header Proxy for its proxy', () =>
    withHandler(script('echo "[$HTTP_PROXY$Http_Proxy]"'), async (running) => {
      expect(await (await fetch(running.url, { headers: { Proxy: 'http://evil' } })).text()).toBe('[]\n')
    }))

  it.each([
    ['echo half; echo "no honey" >&2; exit 3', 'no honey'],
    ['echo half; exit 3', 'The program ended with status 3.'],
    ['echo "no honey" >&2; kill -9 $$', 'The program ended with SIGKILL.'],
  ])('fails by its exit status, whatever it has written: %s', (source, error) =>
    withHandler(script(source), async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.json()]).toEqual([500, { error }])
    }),
  )

  it('that fails in the middle of a stream cuts it visibly', () =>
    withHandler(script('echo half; sleep 0.2; exit 3', { mode: 'streaming' }), async (running) => {
      const answer = await fetch(running.url)
      expect(answer.status).toBe(200)
      await expect(answer.text()).rejects.toThrow()
    }))

  it('runs no more often at a time than allowed, and later requests wait', () => {
    const source = 'mkdir busy || exit 1; sleep 0.1; rmdir busy; echo alone'
    return withHandler(script(source, { MAX_FORKS: '1' }), async (running) => {
      const answers = await Promise.all(Array.from({ length: 5 }, async () => (await fetch(running.url)).text()))
      expect(answers).toEqual(Array.from({ length: 5 }, () => 'alone\n'))
    })
  })

  it('that writes no head in mode cgi is told so', () =>
    withHandler(script('echo hello', { mode: 'cgi' }), async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.json()]).toEqual([500, { error: expect.stringContaining('wrote no head') }])
    }))
})

describe('a program that cannot be started is the reason why nothing is ready:', () => {
  it.each([
    ['no file', { fprocess: './gone' }, {}, /\.\/gone cannot be started: there is no such file/],
    ['not on the PATH', { fprocess: 'no-such' }, {}, /no-such cannot be started: no folder of the PATH/],
    ['not executable', { fprocess: '/etc/passwd' }, {}, /\/etc\/passwd cannot be started: it is not executable/],
    ['no interpreter', {}, { handler: '#!/usr/bin/env -S no-such -e\n' }, /first line is .*, but no-such cannot be/],
    ['line ends of Windows', {}, { 'handler.sh': '#!/bin/sh\r\necho hello\r\n' }, /its lines end as on Windows/],
    ['syntax of sh', {}, { 'handler.sh': '#!/bin/sh\nif true; then\n' }, /handler\.sh: (line )?3: syntax error/i],
    ['syntax of bash', {}, { handler: '#!/usr/bin/env bash\nbee() {\n' }, /handler: line \d: syntax error/],
    ['syntax, named', { fprocess: 'sh bee.sh' }, { 'bee.sh': 'fi\n' }, /bee\.sh: (line )?1: syntax error/i],
  ])('%s', (_, environment: Record<string, string>, files: Record<string, string>, reason) =>
    withHandler({ runtime: 'exec', files, environment }, async (running) => {
      await until(() => running.logs() !== '')
      const ready = await fetch(`${running.url}/_/ready`)
      expect([ready.status, await ready.text()]).toEqual([503, expect.stringMatching(reason)])
    }),
  )
})

it('a script of bash may switch patterns on as it runs', () => {
  const handler = '#!/usr/bin/env bash\nshopt -s extglob\ncase bees in !(wasps)) echo -n bees ;; esac\n'
  return withHandler({ runtime: 'exec', files: { handler } }, async ({ url }) => {
    expect(await (await fetch(url)).text()).toBe('bees')
  })
})

describe('a script that ends before its text does', () => {
  it.each([
    ['at an exit', '#!/bin/sh\necho -n bees\nexit 0\n)(\0\n'],
    ['at an exit behind another command', '#!/usr/bin/env bash\neval "echo -n bees;"; exit $?\n)(\n'],
    ['at an exec over several lines', '#!/bin/sh\nexec 2>&1\nexec echo \\\n  -n bees\n)(\n'],
  ])('%s may have any data behind it', (_, handler) =>
    withHandler({ runtime: 'exec', files: { handler } }, async ({ url }) => {
      expect(await (await fetch(url)).text()).toBe('bees')
    }),
  )

  it.each([
    ['in a branch', 'if false; then\nexit 0\nfi'],
    ['behind an operator', 'false &&\nexit 0'],
    ['behind an operator with a comment', 'false && # so far\nexit 0'],
    ['in a text', 'cat <<.\nexit 0\n.\necho "bees; exit 0"'],
    ['in a comment', '# bees; exit 0'],
    ['in a subshell', 'exit 0 | cat'],
    ['as an argument', 'echo \\\nexit 0'],
    ['as a redirection', 'exec 2>&1\nexec >&2'],
    ['in a longer word', 'exit-now\nexit=3\nexec'],
  ])('does not when the end stands %s: wrong syntax behind it is told', (_, source) =>
    withHandler(script(`${source}\nfi`), async ({ url, logs }) => {
      await until(() => logs() !== '')
      expect(await (await fetch(`${url}/_/ready`)).text()).toMatch(/handler\.sh: (line )?\d+: syntax error/i)
    }),
  )
})

const jsonType = { 'Content-Type': 'application/json' }

describe('a program that is a server', () => {
  const files = {
    'server.cjs': `
      const { createServer } = require('node:http')
      const answer = (request, response) => {
        if (request.url === '/end') process.exit(1)
        response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'], 'X-Url': request.url })
        request.pipe(response)
      }
      setTimeout(() => createServer(answer).listen(process.env.PORT), 300)`,
  }
  const server = async (fprocess = 'node server.cjs') => {
    const environment = { mode: 'http', fprocess, upstream_url: `http://127.0.0.1:${await freePort()}` }
    return { runtime: 'exec', files, environment }
  }

  it('gets the requests as they came, once it listens', async () =>
    withHandler(await server(), async (running) => {
      const answer = await fetch(`${running.url}/a?b=1`, { method: 'POST', body: 'bees' })
      expect([answer.status, answer.headers.get('x-url'), await answer.text()]).toEqual([201, '/a?b=1', 'bees'])
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    }))

  it('takes the replica with it when it ends', async () =>
    withHandler(await server(), async (running) => {
      await fetch(`${running.url}/end`).catch(() => undefined)
      await until(() => running.logs().includes('node ended with status 1.'))
    }))

  it('is the reason why nothing is ready when it cannot be started', async () =>
    withHandler(await server('no-such-program'), async (running) => {
      await until(() => running.logs() !== '')
      const ready = await fetch(`${running.url}/_/ready`)
      expect([ready.status, await ready.text()]).toEqual([
        503,
        expect.stringMatching(/no-such-program cannot be started/),
      ])
    }))
})
