import { describe, expect, it } from 'vitest'
import { useApi } from './api.ts'

const api = useApi()
const ask = (method: string, path: string, body?: unknown): Promise<Response> => api().ask(method, path, body)
const json = (method: string, path: string): Promise<unknown> => api().json(method, path)
const status = async (...asked: Parameters<typeof ask>): Promise<number> => (await ask(...asked)).status
const kept = (): ReadonlyMap<string, { value: Uint8Array }> => api().there.world.secrets
const valueOf = (key: string): string => Buffer.from(kept().get(key)?.value ?? '').toString()

const token = { name: 'api-token', value: 'v1' }
const user = { service: 'hello', image: 'hello:1', secrets: ['api-token'] }

describe('/system/secrets', () => {
  it('is made, listed by its name, changed and removed, with the answers that faas-cli takes', async () => {
    expect(await json('GET', '/system/secrets')).toEqual([])
    expect(await status('POST', '/system/secrets', token)).toBe(201)
    expect(valueOf('api-token')).toBe('v1')
    expect(await status('PUT', '/system/secrets', { ...token, value: 'v2' })).toBe(200)
    expect(valueOf('api-token')).toBe('v2')
    expect(await json('GET', '/system/secrets')).toEqual([{ name: 'api-token', namespace: 'openfaas-fn' }])
    expect(await status('DELETE', '/system/secrets', { name: 'api-token', value: '' })).toBe(202)
    expect(kept().size).toBe(0)
  })

  it('takes the bytes of rawValue before the text of value', async () => {
    await ask('POST', '/system/secrets', { name: 'file', value: 'fv', rawValue: 'ZnYK' })
    expect(valueOf('file')).toBe('fv\n')
  })

  it('finds the namespace in the body or, from old clients, in the query', async () => {
    for (const name of ['one', 'two']) await ask('POST', '/system/namespace/', { name })
    await ask('POST', '/system/secrets?namespace=one', { ...token, namespace: 'two' })
    await ask('POST', '/system/secrets?namespace=one', token)
    expect([...kept().keys()]).toEqual(['api-token.two', 'api-token.one'])
    expect(await json('GET', '/system/secrets?namespace=two')).toEqual([{ name: 'api-token', namespace: 'two' }])
  })

  it.each([
    ['POST', token, 409, 'conflict'],
    ['POST', { ...token, namespace: 'nowhere' }, 400, 'invalid_request'],
    ['POST', { ...token, name: '../x' }, 400, 'invalid_request'],
    ['POST', { name: 'empty' }, 400, 'invalid_request'],
    ['POST', { name: 'large', value: 'x'.repeat(512_000) }, 400, 'invalid_request'],
    ['POST', { name: 'bad', rawValue: 'not base64!' }, 400, 'invalid_request'],
    ['PUT', { name: 'nobody', value: 'x' }, 404, 'not_found'],
    ['DELETE', { name: 'nobody' }, 404, 'not_found'],
    ['DELETE', {}, 400, 'invalid_request'],
  ])('refuses %s of %j with %i', async (method, body, expected, code) => {
    await ask('POST', '/system/secrets', token)
    const answer = await ask(method, '/system/secrets', body)
    expect([answer.status, await answer.json()]).toEqual([expected, expect.objectContaining({ code })])
    expect(valueOf('api-token')).toBe('v1')
  })

  it('is not removed under a function that uses it, and the refusal names the function', async () => {
    await ask('POST', '/system/secrets', token)
    await ask('POST', '/system/functions', user)
    const answer = await ask('DELETE', '/system/secrets', token)
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'conflict', error: expect.stringContaining('in use by hello.') })
    await ask('PUT', '/system/functions', { ...user, secrets: [] })
    expect(await status('DELETE', '/system/secrets', token)).toBe(202)
  })
})

describe('/system/namespaces', () => {
  const staging = { name: 'staging', labels: { team: 'bees', openfaas: '1' }, annotations: { openfaas: '1' } }

  it('are made, read, changed and removed; the default one is always there', async () => {
    expect(await json('GET', '/system/namespaces')).toEqual(['openfaas-fn'])
    expect(await json('GET', '/system/namespace/openfaas-fn')).toMatchObject({ name: 'openfaas-fn' })
    expect(await status('POST', '/system/namespace/', staging)).toBe(201)
    expect(await json('GET', '/system/namespaces')).toEqual(['openfaas-fn', 'staging'])
    expect(await json('GET', '/system/namespace/staging')).toEqual(staging)
    expect(await status('PUT', '/system/namespace/staging', { ...staging, labels: { team: 'wasps' } })).toBe(202)
    expect(await json('GET', '/system/namespace/staging')).toEqual({ ...staging, labels: { team: 'wasps' } })
    expect(await status('DELETE', '/system/namespace/staging', { name: 'staging', labels: { openfaas: '1' } })).toBe(
      202,
    )
    expect(await status('GET', '/system/namespace/staging')).toBe(404)
  })

  it.each([
    ['POST', '/system/namespace/', { name: 'staging' }, 409],
    ['POST', '/system/namespace/', { name: 'Not A Name' }, 400],
    ['POST', '/system/namespace/', {}, 400],
    ['PUT', '/system/namespace/nowhere', { name: 'nowhere' }, 404],
    ['DELETE', '/system/namespace/nowhere', undefined, 404],
    ['DELETE', '/system/namespace/openfaas-fn', undefined, 409],
    ['POST', '/system/functions', { ...user, secrets: [], namespace: 'nowhere' }, 400],
  ])('refuses %s %s %j with %i', async (method, path, body, expected) => {
    await ask('POST', '/system/namespace/', staging)
    expect(await status(method, path, body)).toBe(expected)
    expect(await json('GET', '/system/namespaces')).toEqual(['openfaas-fn', 'staging'])
  })

  it('are not removed with something in them, and the refusal names it', async () => {
    await ask('POST', '/system/namespace/staging', staging)
    await ask('POST', '/system/functions', { ...user, secrets: [], namespace: 'staging' })
    await ask('POST', '/system/secrets', { ...token, namespace: 'staging' })
    const answer = await ask('DELETE', '/system/namespace/staging')
    expect(answer.status).toBe(409)
    const { error } = (await answer.json()) as { error: string }
    expect(error).toBe('The namespace "staging" has the function hello, the secret api-token.')
  })
})
