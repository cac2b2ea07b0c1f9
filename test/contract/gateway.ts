import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../helpers/free-port.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { until } from '../helpers/until.ts'

/** What a provider brings to the suite of the whole gateway. */
export interface GatewayGround {
  readonly settings: Readonly<Record<string, string>>
  /** The body of a deploy, without its name: the probe function and one that ends while it starts. */
  readonly probe: object
  readonly crash: object
  close(): Promise<void>
}

/** What the gateway promises with any provider; over real sockets, with real replicas. */
export function describeGateway(name: string, open: () => Promise<GatewayGround>): void {
  describe(`gateway with ${name}`, () => {
    let ground: GatewayGround
    let gateway: TestGateway
    beforeAll(async () => {
      ground = await open()
      gateway = await TestGateway.start(ground.settings)
    })
    afterAll(async () => {
      for (const { name } of await listed()) await gateway.admin('DELETE', '/system/functions', { functionName: name })
      await gateway.stop()
      await ground.close()
    })

    const listed = async (): Promise<{ name: string }[]> =>
      (await gateway.admin('GET', '/system/functions')).json() as never
    const deploy = (service: string, more: object = {}): Promise<Response> =>
      gateway.admin('POST', '/system/functions', { service, ...ground.probe, ...more })
    const text = async (path: string): Promise<string> => (await gateway.call(path)).text()
    const inFlight = async (service: string): Promise<number> => {
      const [newest] = (await (await gateway.admin('GET', `/system/revisions/${service}`)).json()) as object[]
      return (newest as { inFlight: number }).inFlight
    }
    const scale = async (service: string, replicas: number): Promise<void> => {
      await gateway.admin('POST', `/system/scale-function/${service}`, { serviceName: service, replicas })
      await until(async () => (await gateway.replicas(service)).availableReplicas === replicas)
    }

    it('answers 500 callers of a cold function and starts it once', async () => {
      await deploy('herd')
      await scale('herd', 0)
      const answers = await Promise.all(Array.from({ length: 500 }, () => gateway.call('herd/id')))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
    })

    it('spreads the load over more replicas, and goes back to zero when it is idle', async () => {
      await deploy('grow', { scale: { target: 2, max: 2, 'zero-duration': '1s' } })
      const ids = new Set<string>()
      await until(async () => {
        const round = Array.from({ length: 12 }, () => text('grow/slow?n=300'))
        for (const id of await Promise.all(round)) ids.add(id)
        return ids.size === 2
      })
      await until(async () => (await gateway.replicas('grow')).availableReplicas === 0)
    })

    it('does not end a replica while a call is in flight, however idle the function is else', async () => {
      await deploy('busy', { scale: { 'zero-duration': '500ms' } })
      const slow = text('busy/slow?n=4000')
      expect(await slow).toMatch(/^[-0-9a-f]{36}$/)
      await until(async () => (await gateway.replicas('busy')).availableReplicas === 0)
    })

    it('loses no call while the function is deployed again, scaled and rolled back', async () => {
      await deploy('flip')
      const failures: string[] = []
      let answered = 0
      let going = true
      const caller = async (): Promise<void> => {
        while (going) {
          const answer = await gateway.call('flip/slow?n=5')
          const body = await answer.text()
          answered++
          if (answer.status !== 200 || !/^[-0-9a-f]{36}$/.test(body)) failures.push(`${answer.status} ${body}`)
        }
      }
      const callers = Array.from({ length: 8 }, caller)
      for (let i = 0; i < 3; i++) await deploy('flip', { force: true })
      for (const replicas of [3, 1, 0]) {
        await gateway.admin('POST', '/system/scale-function/flip', { serviceName: 'flip', replicas })
      }
      await gateway.admin('POST', '/system/rollback/flip', {})
      going = false
      await Promise.all(callers)
      expect(failures).toEqual([])
      expect(answered).toBeGreaterThan(20)
    })

    it('lets a request end on the old revision, and cuts it when the drain-timeout is over', async () => {
      await deploy('old', { scale: { 'drain-timeout': '2s' } })
      const [short, long] = [text('old/slow?n=1500'), text('old/slow?n=60000')]
      await until(async () => (await inFlight('old')) === 2)
      await deploy('old', { force: true, scale: {} })
      expect(await short).toMatch(/^[-0-9a-f]{36}$/)
      expect(await long).toContain('upstream_failed')
    })

    it('asks the revision that a header or a cookie names, and keeps a sticky caller with his', async () => {
      await deploy('pinned', { sticky: 'cookie' })
      const first = await text('pinned/id')
      await deploy('pinned', { sticky: 'cookie', force: true })
      const with1 = [{ 'X-Skep-Revision': '1' }, { Cookie: 'theme=dark; skep-revision=1' }]
      for (const headers of with1) {
        const id = await (await gateway.call('pinned/id', { headers })).text()
        expect([id === first, id === (await text('pinned/id'))]).toEqual([false, false])
      }
      expect((await gateway.call('pinned/id', { headers: { Cookie: 'skep-revision=77' } })).status).toBe(200)
      await gateway.admin('PUT', '/system/traffic/pinned', { weights: { 1: 50, 2: 50 } })
      const answer = await gateway.call('pinned/id')
      const id = await answer.text()
      const Cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
      expect(Cookie).toMatch(/^skep-caller=/)
      for (let i = 0; i < 10; i++) {
        const again = await gateway.call('pinned/id', { headers: { Cookie } })
        expect([await again.text(), again.headers.getSetCookie()]).toEqual([id, []])
      }
    })

    it('copies requests to a mirrored revision and compares how both go, and callers never notice', async () => {
      await deploy('mirrored')
      await deploy('mirrored', { force: true })
      await gateway.admin('PUT', '/system/traffic/mirrored', { mirror: { revision: 1, percent: 100 } })
      const body = 'x'.repeat(100_000)
      for (let i = 1; i <= 5; i++) {
        const answer = await gateway.call('mirrored/count', { method: 'POST', body })
        expect([answer.status, await answer.text()]).toEqual([200, String(i)])
      }
      const traffic = async (): Promise<object> =>
        ((await (await gateway.admin('GET', '/system/traffic/mirrored')).json()) as { mirror: object }).mirror
      await until(async () => (await traffic()) && ((await traffic()) as { compared: number }).compared === 5)
      expect(await traffic()).toMatchObject({ revision: 1, different: 0, skipped: 0 })
      const headers = { 'X-Skep-Revision': '1' }
      await gateway.admin('PUT', '/system/traffic/mirrored', { mirror: null })
      expect(await (await gateway.call('mirrored/count', { headers })).text()).toBe('6')
      expect(await traffic()).toBe(undefined)
    })

    it('does nothing when it serves already what is deployed, unless it must', async () => {
      const numbers = async (): Promise<number[]> => {
        const revisions = (await (await gateway.admin('GET', '/system/revisions/same')).json()) as { number: number }[]
        return revisions.map(({ number }) => number)
      }
      await deploy('same', { message: 'the first' })
      const id = await text('same/id')
      await deploy('same', { message: 'again' })
      expect([await numbers(), await text('same/id')]).toEqual([[1], id])
      await deploy('same', { force: true })
      expect([await numbers(), (await text('same/id')) === id]).toEqual([[2, 1], false])
      const revisions = await (await gateway.admin('GET', '/system/revisions/same')).json()
      expect(revisions).toMatchObject([{}, { by: 'admin', message: 'the first', spec: { name: 'same' } }])
    })

    it('sends a new replica its warm request before any traffic, and refuses one that does not answer it well', async () => {
      await deploy('warmed', { warm: 'GET /count' })
      expect(await text('warmed/count')).toBe('2')
      const bad = deploy('warmed', { warm: 'GET /nothing' })
      await expect(bad).rejects.toThrow(/GET \/nothing was answered with 404.*no such verb/s)
      expect(await text('warmed/count')).toBe('3')
      await scale('warmed', 0)
      expect(await text('warmed/count')).toBe('2')
    })

    it('brings the new value of a secret to fresh replicas, without a failed call', async () => {
      const name = `s-${crypto.randomUUID()}` // the engine may have one of an earlier run
      await gateway.admin('POST', '/system/secrets', { name, value: 'old' })
      await deploy('keeper', { secrets: [name], scale: { min: 1 } })
      expect(await text(`keeper/secret?text=${name}`)).toBe('old')
      const before = await text('keeper/id')
      const odd: string[] = []
      let going = true
      const caller = async (): Promise<void> => {
        while (going) {
          const answer = await gateway.call(`keeper/secret?text=${name}`)
          const value = await answer.text()
          if (answer.status !== 200 || !['old', 'new'].includes(value)) odd.push(`${answer.status} ${value}`)
        }
      }
      const callers = Array.from({ length: 4 }, caller)
      await gateway.admin('PUT', '/system/secrets', { name, value: 'new' })
      await until(
        async () => (await text('keeper/id')) !== before && (await gateway.replicas('keeper')).availableReplicas === 1,
      )
      expect(await text(`keeper/secret?text=${name}`)).toBe('new')
      going = false
      await Promise.all(callers)
      expect(odd).toEqual([])
      await gateway.admin('DELETE', '/system/functions', { functionName: 'keeper' })
      await gateway.admin('DELETE', '/system/secrets', { name })
    })

    it('says why a function does not start: the log only to those who have credentials, and the old one goes on', async () => {
      await deploy('broken')
      const before = await text('broken/id')
      const bad = gateway.admin('PUT', '/system/functions', { service: 'broken', ...ground.crash })
      await expect(bad).rejects.toThrow('no database at db:5432')
      expect(await text('broken/id')).toBe(before)
    })

    it('replaces a replica that dies, and asks another one meanwhile', async () => {
      await deploy('mortal', { scale: { min: 1 } })
      const id = await text('mortal/id')
      await gateway.call('mortal/exit?n=1&text=dying')
      expect(await until(async () => (await text('mortal/id').catch(() => id)) !== id)).toBe(true)
      expect((await gateway.call('mortal/id')).status).toBe(200)
      const status = await (await gateway.admin('GET', '/system/function/mortal')).json()
      expect(status).toMatchObject({ restarts: expect.any(Number), lastExit: { reason: expect.any(String) } })
    })

    it('keeps a service running, and starts one again whose own monitor finds it ill', async () => {
      const monitor = { command: ['sh', '-c', '! test -e ${TMPDIR:-/tmp}/ill'], every: '500ms', failures: 2 }
      await deploy('steward', { supervised: true, monitor, scale: { 'zero-duration': '500ms' } })
      const { TMPDIR = '/tmp' } = JSON.parse(await text('steward/environment')) as Record<string, string>
      const id = await text('steward/id')
      await text(`steward/write?text=${TMPDIR}/ill&n=1`)
      await until(async () => (await text('steward/id').catch(() => id)) !== id)
      const status = await (await gateway.admin('GET', '/system/function/steward')).json()
      const lastExit = { reason: 'Its monitor failed 2 times in a row (exit code 1).' }
      expect(status).toMatchObject({ supervised: true, replicas: 1, restarts: expect.any(Number), lastExit })
    })

    it('publishes a port, which leads to the newest revision, and which nobody else gets', async () => {
      const publish = [{ port: await freePort() }]
      await deploy('open', { publish })
      const idAt = async (): Promise<string> => {
        const headers = { connection: 'close' }
        return (await fetch(`http://127.0.0.1:${publish[0]?.port}/id`, { headers })).text()
      }
      const first = await until(() => idAt().catch(() => undefined))
      expect(first).toBe(await text('open/id'))
      await expect(deploy('other', { publish })).rejects.toThrow('published by open already')
      await deploy('open', { publish, envVars: { VERSION: '2' } })
      expect(await idAt()).toBe(await text('open/id'))
      expect(await idAt()).not.toBe(first)
    })

    it('finds every function and adopts what runs after kill -9', async () => {
      await deploy('adopted')
      const id = await text('adopted/id')
      const before = (await listed()).map((entry) => entry.name)
      await gateway.kill('SIGKILL')
      await gateway.startAgain()
      expect((await listed()).map((entry) => entry.name)).toEqual(before)
      expect(await text('adopted/id')).toBe(id)
    })
  })
}
