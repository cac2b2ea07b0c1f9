import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { describeLanguage } from '../helpers/language.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

describeLanguage('ruby', { needs: ['ruby'], bases: { BASE_IMAGE: 'ruby' } })

/** A connection that has just sent this, and what it has got. */
function sent(url: string, text: string): { socket: Socket; got: () => string } {
  const { hostname, port } = new URL(url)
  let got = ''
  const socket = connect(Number(port), hostname, () => socket.write(text))
  socket.on('data', (data) => (got += data.toString()))
  return { socket, got: () => got }
}

describe("Ruby's threads, which take turns at watching connections,", needs('ruby'), () => {
  const handler = `
LOCK = Mutex.new
HERE = ConditionVariable.new
ARRIVED = []

def handle(event)
  return event.path unless event.path == "/wait"

  LOCK.synchronize do
    ARRIVED << event
    HERE.broadcast
    HERE.wait(LOCK) until ARRIVED.size >= 5
  end
  "together"
end
`
  const ruby = { runtime: 'ruby', files: { 'handler.rb': handler } }

  it('serve callers beside handlers that wait', () =>
    withHandler(ruby, async ({ url }) => {
      const ask = async (path: string): Promise<string> => (await fetch(url + path)).text()
      const waiting = Array.from({ length: 4 }, () => ask('/wait'))
      expect(await ask('/beside')).toBe('/beside')
      expect(await Promise.all([...waiting, ask('/wait')])).toEqual(Array.from({ length: 5 }, () => 'together'))
    }))

  it('answer what was sent at once in its order', () =>
    withHandler(ruby, async ({ url }) => {
      const { socket, got } = sent(url, ['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\n\r\n`).join(''))
      await until(() => got().endsWith('/3'))
      expect(
        got()
          .match(/^\/\d/gm)
          ?.map((path) => path.slice(0, 2)),
      ).toEqual(['/1', '/2', '/3'])
      socket.destroy()
    }))

  it('are held up by no half of a request', () =>
    withHandler(ruby, async ({ url }) => {
      const halves = Array.from({ length: 5 }, () => sent(url, 'GET /late HTTP/1.1\r\nHo'))
      expect(await (await fetch(`${url}/beside`)).text()).toBe('/beside')
      for (const { socket } of halves) socket.write('st: bees\r\n\r\n')
      await until(() => halves.every(({ got }) => got().endsWith('/late')))
      for (const { socket } of halves) socket.destroy()
    }))
})
