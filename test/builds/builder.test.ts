import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builder } from '../../gateway/builds/builder.ts'
import { BuildRequest, type Builder, type ImageBuild } from '../../gateway/core/image-build.ts'
import type { Provider } from '../../gateway/core/ports.ts'
import { until } from '../helpers/until.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'skep-builds-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const request = BuildRequest.parse({ name: 'hello' })

/** A place that builds until it is told that it is done, or to stop. */
async function site(options: Partial<Parameters<typeof builder>[0]> = {}) {
  const running: { build: ImageBuild; done: (image: string) => void }[] = []
  const work = (build: ImageBuild) =>
    new Promise<string>((done, fail) => {
      running.push({ build, done })
      build.signal.addEventListener('abort', () => fail(build.signal.reason as Error))
    })
  const provider = { name: 'fake', build: work } as Partial<Provider> as Provider
  const limits = { maxContextBytes: 1e6, timeoutMs: 60_000, parallel: 1 }
  return { running, build: await builder({ provider, folder: join(folder, 'builds'), ...limits, ...options }) }
}

async function send(build: Builder, signal = new AbortController().signal, told: string[] = []): Promise<string> {
  const tar = pack()
  tar.entry({ name: 'Dockerfile' }, 'FROM scratch')
  tar.finalize()
  const context = (async function* () {
    yield await buffer(tar)
  })()
  return build(request, { context, signal, progress: (message) => void told.push(message) })
}

const left = () => readdirSync(join(folder, 'builds'))

describe('the builds of a gateway', () => {
  it('take turns, in the order in which they came, and leave nothing behind', async () => {
    const { build, running } = await site()
    const told: string[] = []
    const first = send(build)
    await until(() => running.length === 1)
    const second = send(build, undefined, told)
    await until(() => told.length > 0)
    expect(told).toEqual(['Waiting for another build …'])
    running[0]?.done('one')
    expect(await first).toBe('one')
    await until(() => running.length === 2)
    running[1]?.done('two')
    expect(await second).toBe('two')
    expect(left()).toEqual([])
  })

  it('end with the caller who leaves, also in the line', async () => {
    const { build, running } = await site()
    const callers = [new AbortController(), new AbortController()]
    const sent = callers.map(({ signal }) => send(build, signal))
    const ended = Promise.allSettled(sent)
    await until(() => running.length === 1)
    callers[1]?.abort()
    await expect(sent[1]).rejects.toMatchObject({ code: 'caller_left' })
    callers[0]?.abort()
    await ended
    await expect(sent[0]).rejects.toMatchObject({ code: 'caller_left' })
    expect(running).toHaveLength(1)
    const next = send(build)
    await until(() => running.length === 2)
    running[1]?.done('next')
    expect(await next).toBe('next')
    expect(left()).toEqual([])
  })

  it('end when they take too long, and say so', async () => {
    const { build } = await site({ timeoutMs: 200 })
    await expect(send(build)).rejects.toMatchObject({
      code: 'build_failed',
      message: 'hello was not built within 0.2 s.',
    })
    expect(left()).toEqual([])
  })

  it('are refused when too many wait already', async () => {
    const { build, running } = await site()
    const leave = new AbortController()
    const sent = Promise.allSettled(Array.from({ length: 17 }, () => send(build, leave.signal)))
    await until(() => running.length === 1)
    await expect(send(build)).rejects.toMatchObject({ code: 'queue_full', retryAfterSeconds: 30 })
    leave.abort()
    await sent
  })
})
