import { describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { right, useApi } from './api.ts'

const api = useApi()
const hello = { service: 'hello', image: 'hello:1' }

describe('deploy', () => {
  it('answers 404 to PUT of an unknown function, 202 to POST, and 202 to PUT from then on', async () => {
    expect((await api().ask('PUT', '/system/functions', hello)).status).toBe(404)
    expect((await api().ask('POST', '/system/functions', hello)).status).toBe(202)
    expect((await api().ask('PUT', '/system/functions', { ...hello, image: 'hello:2' })).status).toBe(202)
    expect(await (await api().ask('GET', '/system/function/hello')).json()).toMatchObject({
      image: 'hello:2',
      revision: 2,
    })
  })

  it('takes the nulls that old clients send, and leaves out what was left out', async () => {
    const empty = { envVars: null, constraints: null, secrets: null, labels: null, annotations: null, limits: null }
    await api().ask('POST', '/system/functions', { ...hello, ...empty, requests: null })
    const [status] = (await (await api().ask('GET', '/system/functions')).json()) as object[]
    expect(Object.keys(status ?? {}).sort()).toEqual(
      [
        'availableReplicas',
        'createdAt',
        'image',
        'invocationCount',
        'labels',
        'name',
        'namespace',
        'replicas',
        'revision',
      ].sort(),
    )
  })

  it('shows what was deployed, byte for byte', async () => {
    const given = { envVars: { A: '01' }, limits: { memory: '128Mi', cpu: '100m' }, constraints: ['node.role==worker'] }
    await api().ask('POST', '/system/functions', { ...hello, ...given, readOnlyRootFilesystem: true })
    expect(await (await api().ask('GET', '/system/function/hello?usage=1')).json()).toMatchObject({
      ...given,
      readOnlyRootFilesystem: true,
    })
  })

  it('lists every mistake in the names of the client and changes nothing', async () => {
    const answer = await api().ask('POST', '/system/functions', {
      service: 'No',
      image: '',
      limits: { memory: 'lots' },
      envVars: { A: 'b' },
    })
    expect(answer.status).toBe(400)
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    expect(code).toBe('invalid_request')
    expect(detail.split('\n').map((line) => line.split(':')[0])).toEqual(['service', 'image', 'limits.memory'])
    expect(api().skep.list()).toEqual([])
  })

  it('refuses a body that is no JSON', async () => {
    const answer = await api().raw('/system/functions', {
      method: 'POST',
      body: '{',
      headers: { Authorization: right },
    })
    expect(answer.status).toBe(400)
  })

  it('tells its progress, line by line, to a client that asks for it', async () => {
    const lines = await (await api().ask('POST', '/system/functions', hello, { Accept: 'application/x-ndjson' })).text()
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { message: 'Starting hello-1 …' },
      { message: 'hello is ready as revision 1.' },
      { done: { name: 'hello', revision: 1 } },
    ])
  })

  it('tells the reason of a failed start in the same way', async () => {
    api().there.world.probe = () => new Promise(() => {})
    const answer = api().ask('POST', '/system/functions', hello, { Accept: 'application/x-ndjson' })
    await until(() => api().there.world.running.size === 1)
    api().there.world.die('r1', 'exit code 1')
    expect(await (await answer).text()).toMatch(/"error":\{"code":"start_failed","error":"[^"]*exit code 1/)
  })
})

describe('namespaces', () => {
  it('keep functions of one name apart', async () => {
    await api().ask('POST', '/system/functions', hello)
    await api().ask('POST', '/system/namespace/', { name: 'other' })
    await api().ask('POST', '/system/functions', { ...hello, namespace: 'other', image: 'hello:other' })
    const images = async (query: string): Promise<unknown> =>
      ((await (await api().ask('GET', `/system/functions${query}`)).json()) as { image: string }[]).map(
        ({ image }) => image,
      )
    expect(await images('')).toEqual(['hello:1'])
    expect(await images('?namespace=other')).toEqual(['hello:other'])
    expect(await (await api().ask('GET', '/system/namespaces')).json()).toEqual(['openfaas-fn', 'other'])
  })
})
