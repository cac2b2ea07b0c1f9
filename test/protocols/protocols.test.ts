import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerHost } from '../helpers/docker-host.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { needs } from '../helpers/needs.ts'
import { buildTemplate } from '../helpers/runtime-image.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'

const folder = fileURLToPath(new URL('../fixtures/images/foreign', import.meta.url))
const instance = `skep-${crypto.randomUUID().slice(0, 8)}`

describe('an image that speaks no HTTP of its own', needs('docker'), () => {
  let gateway: TestGateway
  let image: string
  const deploy = (service: string, more: object) =>
    gateway.admin('POST', '/system/functions', { service, image, ...more })

  beforeAll(async () => {
    image = await buildTemplate('dockerfile', folder, { BASE_IMAGE: 'node' })
    gateway = await TestGateway.start({
      ...{ SKEP_PROVIDER: 'docker', SKEP_INSTANCE: instance },
      DOCKER_HOST: dockerHost ?? '',
    })
    await deploy('lambda', { protocol: 'lambda-rie' })
    await deploy('action', { protocol: 'openwhisk' })
  }, 120_000)
  afterAll(async () => {
    await gateway.stop()
    await removeEverythingOf(instance)
  })

  describe('with the emulator of AWS', () => {
    it('gets a request as an event, and its answer is one', async () => {
      const headers = { 'Content-Type': 'image/png' }
      const answer = await gateway.call('lambda/a/b?q=1', { method: 'PUT', headers, body: Buffer.from([0, 255]) })
      expect(answer.status).toBe(201)
      expect(answer.headers.get('x-kind')).toBe('event')
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      expect(await answer.json()).toMatchObject({
        ...{ version: '2.0', rawPath: '/a/b', rawQueryString: 'q=1', body: 'AP8=', isBase64Encoded: true },
        requestContext: { http: { method: 'PUT' }, requestId: answer.headers.get('x-call-id') },
      })
    })

    it('tells what its handler threw', async () => {
      const answer = await gateway.call('lambda/throw')
      expect([answer.status, await answer.json()]).toEqual([500, { error: 'boom' }])
    })

    it('gets an event of another kind from a caller who asks as AWS says', async () => {
      const body = '{"Records":[]}'
      const answer = await gateway.call('lambda/2015-03-31/functions/function/invocations', { method: 'POST', body })
      expect([answer.status, await answer.json()]).toMatchObject([200, { statusCode: 201, body }])
    })

    it('says that its handler took too long', async () => {
      const answer = await gateway.call('lambda/late')
      expect([answer.status, answer.headers.get('x-skep-error')]).toEqual([504, 'upstream_timeout'])
    })

    it('says that it answered with something else', async () => {
      const answer = await gateway.call('lambda/other')
      expect([answer.status, answer.headers.get('x-skep-error')]).toEqual([502, 'upstream_invalid'])
    })

    it('gets no more than an event may have', async () => {
      const answer = await gateway.call('lambda', { method: 'POST', body: Buffer.alloc(6 * 1024 ** 2 + 1) })
      expect([answer.status, answer.headers.get('x-skep-error')]).toEqual([413, 'body_too_large'])
    })

    it('answers callers who come together, one after the other', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.call('lambda')))
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    })
  })

  describe('of OpenWhisk', () => {
    it('is initialized, and gets a request as parameters', async () => {
      const headers = { 'Content-Type': 'application/json' }
      const answer = await gateway.call('action/x?a=1', { method: 'POST', headers, body: '{"b":2}' })
      const callId = answer.headers.get('x-call-id') ?? ''
      expect(await answer.json()).toMatchObject({
        value: { a: '1', b: 2, __ow_method: 'post', __ow_path: '/x' },
        ...{ id: callId.replaceAll('-', ''), name: '/_/action' },
      })
    })

    it('answers as a web action', async () => {
      const answer = await gateway.call('action/page')
      expect([answer.headers.get('x-kind'), await answer.text()]).toEqual(['page', '<h1>hi</h1>'])
    })

    it('is told what is wrong with a body', async () => {
      const answer = await gateway.call('action', {
        ...{ method: 'POST', body: '{', headers: { 'Content-Type': 'application/json' } },
      })
      expect(answer.status).toBe(400)
    })

    it('is replaced after it threw, because it takes no call then', async () => {
      const thrown = await gateway.call('action/throw')
      expect([thrown.status, await thrown.json()]).toEqual([500, { error: 'An error has occurred: boom' }])
      expect((await gateway.call('action/x')).status).toBe(200)
    })

    it('goes on after the gateway was killed, though it was initialized before', async () => {
      await gateway.kill('SIGKILL')
      await gateway.startAgain()
      expect((await gateway.call('action/x')).status).toBe(200)
    })

    it('without code is not deployed', async () => {
      const deployed = deploy('empty', { protocol: 'openwhisk', envVars: { NO_CODE: 'yes' } })
      await expect(deployed).rejects.toThrow('Missing main/no code to execute')
    })
  })
})
