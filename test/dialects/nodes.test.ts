import { describe, expect, it } from 'vitest'
import { useApi } from './api.ts'

const api = useApi()

describe('nodes', () => {
  const pi = {
    role: 'worker',
    platform: 'linux/arm64',
    memoryBytes: 2 ** 30,
    availability: 'active',
    state: 'ready',
  } as const

  it('are listed with the number of replicas on each', async () => {
    api().there.provider.nodes = async () => [
      { ...pi, name: 'm1', role: 'manager' },
      { ...pi, name: 'w1' },
    ]
    const replica = { revision: 'hello-1', address: { host: 'memory', port: 1 }, paused: false, node: 'w1' }
    api()
      .there.world.running.set('a', { ...replica, id: 'a' })
      .set('b', { ...replica, id: 'b' })
    expect(await (await api().ask('GET', '/system/nodes')).json()).toEqual([
      { ...pi, name: 'm1', role: 'manager', replicas: 0 },
      { ...pi, name: 'w1', replicas: 2 },
    ])
  })

  it('are none where there is but one machine', async () => {
    const answer = await api().ask('GET', '/system/nodes')
    expect([answer.status, await answer.json()]).toEqual([501, expect.objectContaining({ code: 'not_supported' })])
  })
})
