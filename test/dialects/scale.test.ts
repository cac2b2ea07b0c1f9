import { describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { useApi } from './api.ts'

const api = useApi()
const hello = { service: 'hello', image: 'hello:1' }

describe('scale and remove', () => {
  it('scales to what it is told, zero too', async () => {
    await api().ask('POST', '/system/functions', hello)
    await api().ask('POST', '/system/scale-function/hello', { serviceName: 'hello', replicas: 3 })
    await until(() => api().there.world.running.size === 3)
    await api().ask('POST', '/system/scale-function/hello', { serviceName: 'hello', replicas: 0 })
    await until(() => api().there.world.running.size === 0)
    expect(await (await api().ask('GET', '/system/function/hello')).json()).toMatchObject({ replicas: 0 })
  })

  it.each([
    ['POST', '/system/scale-function/nobody', { serviceName: 'nobody', replicas: 1 }, 404],
    ['POST', '/system/scale-function/hello', { serviceName: 'hello', replicas: -1 }, 400],
    ['DELETE', '/system/functions', { functionName: 'nobody' }, 404],
    ['DELETE', '/system/functions', { functionName: '' }, 400],
    ['GET', '/system/function/nobody', undefined, 404],
    ['GET', '/system/logs?name=nobody', undefined, 404],
    ['GET', '/system/logs?name=hello&tail=x', undefined, 422],
    ['GET', '/system/logs?name=hello&since=yesterday', undefined, 422],
  ])('answers %s %s %j with %i', async (method, path, body, status) => {
    await api().ask('POST', '/system/functions', hello)
    expect((await api().ask(method, path, body)).status).toBe(status)
  })

  it('removes the function and its replicas', async () => {
    await api().ask('POST', '/system/functions', hello)
    expect((await api().ask('DELETE', '/system/functions', { functionName: 'hello' })).status).toBe(202)
    expect((await api().ask('GET', '/system/function/hello')).status).toBe(404)
    await until(() => api().there.world.running.size === 0)
  })
})

describe('a function’s usage', () => {
  it('is told when it is asked for', async () => {
    api().there.provider.usage = async () => ({ cpuSeconds: 1, memoryBytes: 2 ** 20 })
    await api().ask('POST', '/system/functions', hello)
    expect(await api().json('GET', '/system/function/hello?usage=1')).toMatchObject({
      usage: { cpu: 0, totalMemoryBytes: 2 ** 20 },
    })
    expect(await api().json('GET', '/system/function/hello')).not.toHaveProperty('usage')
  })

  it('is left out where it is not known', async () => {
    await api().ask('POST', '/system/functions', hello)
    expect(await api().json('GET', '/system/function/hello?usage=1')).not.toHaveProperty('usage')
  })
})

describe('an alert', () => {
  const alert = (status: string, name = 'hello.openfaas-fn'): object => ({
    receiver: 'scale-up',
    status,
    alerts: [{ status, labels: { alertname: 'APIHighInvocationRate', function_name: name }, annotations: {} }],
  })

  it('adds replicas while it fires, and goes back to the minimum when it is resolved', async () => {
    const labels = { 'com.openfaas.scale.max': '10', 'com.openfaas.scale.factor': '30' }
    await api().ask('POST', '/system/functions', { ...hello, labels })
    expect((await api().ask('POST', '/system/alert', alert('firing'))).status).toBe(200)
    await until(() => api().there.world.running.size === 4)
    await api().ask('POST', '/system/alert', alert('firing'))
    await until(() => api().there.world.running.size === 7)
    await api().ask('POST', '/system/alert', alert('resolved'))
    await until(() => api().there.world.running.size === 1)
  })

  it.each([
    [{ alerts: [{ status: 'pending', labels: { function_name: 'hello' } }] }, 400],
    [{ alerts: 'none' }, 400],
    [alert('firing', 'nobody.openfaas-fn'), 404],
  ])('like %j is answered with %i', async (body, status) => {
    expect((await api().ask('POST', '/system/alert', body)).status).toBe(status)
  })
})
