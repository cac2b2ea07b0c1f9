import { once } from 'node:events'
import { request, type ClientRequest } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { describeAnswers, describeRequests } from './runtime-calls.ts'

/** The fixture handlers of a language, under test/fixtures/handlers/<runtime>/. */
export type HandlerFixture = 'cases' | 'broken' | 'slow'

export interface RunningHandler {
  readonly url: string
  /** All that it printed, both streams. */
  logs(): string
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
}

/** What a runtime may be unable to do. The reason is shown at the end of the run. */
export type RuntimeCannot = Partial<Record<'parseBodies' | 'load' | 'fail loading', string>>

/** Resolves when the runtime accepts connections, ready or not. */
export type StartHandler = (fixture: HandlerFixture, environment?: Record<string, string>) => Promise<RunningHandler>

/** What every runtime must do, whatever its language. */
export function describeRuntime(name: string, startOne: StartHandler, cannot: RuntimeCannot = {}): void {
  describe(`runtime: ${name}`, () => {
    const { start, stopAll } = stoppable(startOne)
    afterAll(stopAll)
    describe('a handler', () => {
      let running: RunningHandler
      beforeAll(async () => {
        running = await start('cases')
        await untilReady(running)
      })
      afterAll(async () => running.stop())
      describeRequests(() => running, cannot)
      describeAnswers(() => running)
    })
    describeReadiness(start, cannot)
    describeEnd(start)
  })
}

/** Remembers what a failed test has left running. */
function stoppable(startOne: StartHandler): { start: StartHandler; stopAll: () => Promise<void> } {
  const running = new Set<RunningHandler>()
  const start: StartHandler = async (fixture, environment) => {
    const started = await startOne(fixture, environment)
    running.add(started)
    const stop = (): Promise<number | null> => {
      running.delete(started)
      return started.stop()
    }
    return { ...started, stop }
  }
  return { start, stopAll: async () => void (await Promise.all([...running].map((one) => one.stop()))) }
}

function describeReadiness(start: StartHandler, cannot: RuntimeCannot): void {
  describe('readiness', () => {
    it('is not given before the handler is loaded', notRun(cannot.load), async () => {
      const startedAt = Date.now()
      const running = await start('slow')
      await untilReady(running)
      expect(Date.now() - startedAt).toBeGreaterThan(900) // loading takes it a second
      await running.stop()
    })

    it('lets a call wait that came before the handler was loaded', notRun(cannot.load), async () => {
      const running = await start('slow')
      expect(await (await fetch(running.url)).text()).toBe('here')
      await running.stop()
    })

    it('says why a handler cannot be loaded, and goes on saying it', notRun(cannot['fail loading']), async () => {
      const running = await start('broken')
      await until(() => running.logs().includes('no database at db:5432'))
      const ready = await fetch(`${running.url}/_/ready`)
      const reason = await ready.text()
      expect([ready.status, reason]).toEqual([
        503,
        expect.stringMatching(/^cannot load: .*[Hh]andler\.\w+.*no database at db:5432/),
      ])
      expect((await fetch(`${running.url}/_/health`)).status).toBe(200)
      const call = await fetch(running.url)
      expect([call.status, await call.json()]).toEqual([503, { error: reason }])
      await running.stop()
    })

    it('is withheld at the limit of requests in flight, and one more is refused', async () => {
      const running = await start('cases', { MAX_INFLIGHT: '1' })
      await untilReady(running)
      const held = await holdRequest(running)
      const refused = await fetch(`${running.url}/text`)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
      expect(await finish(held)).toBe('held')
      await untilReady(running)
      await running.stop()
    })

    it.each([
      ['announced', Buffer.alloc(2000)],
      ['not announced', new Blob([Buffer.alloc(2000)]).stream()],
    ])('refuses a body that is larger than allowed, its length %s', async (_, body) => {
      const running = await start('cases', { MAX_BODY_BYTES: '1000' })
      await untilReady(running)
      const answer = await fetch(`${running.url}/bytes`, { method: 'POST', body, duplex: 'half' })
      expect(answer.status).toBe(413)
      expect((await fetch(`${running.url}/text`)).status).toBe(200)
      await running.stop()
    })
  })
}

function describeEnd(start: StartHandler): void {
  describe('SIGTERM', () => {
    it('finishes what is in flight, accepts nothing more and exits with 0', async () => {
      const running = await start('cases', { MAX_INFLIGHT: '1' })
      await untilReady(running)
      const held = await holdRequest(running)
      const exit = running.stop()
      await until(() => isRefused(running))
      expect(await finish(held)).toBe('held')
      expect(await exit).toBe(0)
    })

    it('exits with 0 when nothing is in flight, however many connections are kept', async () => {
      const running = await start('cases')
      await untilReady(running)
      await Promise.all(Array.from({ length: 5 }, async () => (await fetch(`${running.url}/text`)).text()))
      expect(await running.stop()).toBe(0)
    })
  })
}

const isReady = async ({ url }: RunningHandler): Promise<boolean> => (await fetch(`${url}/_/ready`)).status === 200
const untilReady = (running: RunningHandler): Promise<boolean> => until(() => isReady(running))
const isRefused = ({ url }: RunningHandler): Promise<boolean> =>
  fetch(url, { headers: { connection: 'close' } }).then(
    () => false,
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
  )

/** Puts a request in flight that stays there until `finish`: half of its body is missing. Needs MAX_INFLIGHT=1. */
async function holdRequest(running: RunningHandler): Promise<ClientRequest> {
  const held = request(`${running.url}/bytes`, { method: 'POST', headers: { 'content-length': 4 } })
  held.write('he')
  await until(async () => (await fetch(`${running.url}/_/ready`)).status === 429)
  return held
}

async function finish(held: ClientRequest): Promise<string> {
  held.end('ld')
  const [answer] = await once(held, 'response')
  return textOf(answer)
}
