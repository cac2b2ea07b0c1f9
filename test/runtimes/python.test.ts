import { describe, expect, it } from 'vitest'
import type { RunningHandler } from '../contract/runtime.ts'
import { describeLanguage } from '../helpers/language.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

describeLanguage('python', { needs: ['python'], bases: { BASE_IMAGE: 'python' } })

const withPython = (source: string, test: (running: RunningHandler) => Promise<void>): Promise<void> =>
  withHandler({ runtime: 'python', files: { 'handler.py': source } }, test)

const textOf = async (url: string): Promise<string> => (await fetch(url)).text()

describe('a Python handler', needs('python'), () => {
  it.each([
    ['with the event alone', 'def handle(event):\n    return event.path'],
    ['called handler', 'def handler(event, context):\n    return event.path'],
    ['with an optional context', 'def handle(event, context=None):\n    return event.path if context else "none"'],
    ['with any arguments', 'def handle(*given):\n    return given[0].path if len(given) == 2 else "less"'],
    ['that is async', 'async def handle(event):\n    return event.path'],
    ['that is an object', 'class Bee:\n    def __call__(self, event):\n        return event.path\nhandle = Bee()'],
  ])('may be one %s', (_, source) =>
    withPython(source, async ({ url }) => expect(await textOf(`${url}/bees`)).toBe('/bees')),
  )

  it.each([
    ['in threads', 'from threading import Barrier\nhere = Barrier(5)\ndef handle(event):\n    here.wait()'],
    ['in one loop', 'from asyncio import Barrier\nhere = Barrier(5)\nasync def handle(event):\n    await here.wait()'],
  ])('waits beside others %s', (_, source) =>
    withPython(`${source}\n    return "together"`, async ({ url }) => {
      const said = await Promise.all(Array.from({ length: 5 }, () => textOf(url)))
      expect(new Set(said)).toEqual(new Set(['together']))
    }),
  )

  it('streams an async generator: a part arrives before the next one is made', () => {
    const source = `
import asyncio
go_on = asyncio.Event()

async def handle(event):
    if event.path == "/next":
        return go_on.set()
    return parts()

async def parts():
    yield "first "
    await go_on.wait()
    yield b"last"
`
    return withPython(source, async ({ url }) => {
      const parts = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader()
      expect((await parts?.read())?.value).toBe('first ')
      await textOf(`${url}/next`)
      expect((await parts?.read())?.value).toBe('last')
      expect((await parts?.read())?.done).toBe(true)
    })
  })

  it('that streams is told when its caller has left', () => {
    const source = `
async def handle(event):
    return parts()

async def parts():
    try:
        while True:
            yield "x" * 65536
    finally:
        print("swept up")
`
    return withPython(source, async (running) => {
      const left = new AbortController()
      await (await fetch(running.url, { signal: left.signal })).body?.getReader().read()
      left.abort()
      await until(() => running.logs().includes('swept up'))
    })
  })

  it('may fork a process and end it, and goes on serving', () => {
    const source = `import multiprocessing, time
here = multiprocessing.get_context("fork")
def work(begun):
    begun.set()
    time.sleep(1000)
def handle(event):
    begun = here.Event()
    child = here.Process(target=work, args=(begun,))
    child.start()
    begun.wait()
    child.terminate()
    child.join()
    return str(child.exitcode)
`
    return withPython(source, async ({ url }) => {
      expect(await textOf(url)).toBe('-15')
      expect(await textOf(`${url}/_/ready`)).toBe('OK')
      expect(await textOf(url)).toBe('-15')
    })
  })

  it('may answer with an open file', () =>
    withPython('def handle(event):\n    return open(__file__, "rb")', async ({ url }) =>
      expect(await textOf(url)).toContain('open(__file__'),
    ))
})
