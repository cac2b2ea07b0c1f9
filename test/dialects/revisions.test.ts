import { describe, expect, it } from 'vitest'
import { useApi } from './api.ts'

const api = useApi()
const hello = { service: 'hello', image: 'hello:1' }

describe('revisions', () => {
  const weights = async (): Promise<unknown> =>
    ((await (await api().ask('GET', '/system/revisions/hello')).json()) as { number: number; weight: number }[]).map(
      ({ number, weight }) => [number, weight],
    )

  it('are listed with their share, split and rolled back', async () => {
    await api().ask('POST', '/system/functions', { ...hello, message: 'the first' })
    await api().ask('PUT', '/system/functions', { ...hello, image: 'hello:2' })
    expect(await weights()).toEqual([
      [2, 100],
      [1, 0],
    ])
    expect((await api().ask('PUT', '/system/traffic/hello', { weights: { 1: 10, 2: 90 } })).status).toBe(204)
    expect(await weights()).toEqual([
      [2, 90],
      [1, 10],
    ])
    expect(await (await api().ask('POST', '/system/rollback/hello', {})).json()).toEqual({ revision: 1 })
    expect(await weights()).toEqual([
      [2, 0],
      [1, 100],
    ])
  })

  it.each([{ weights: { 1: 50 } }, { weights: { x: 100 } }, { weights: { 1: -1 } }, {}])(
    'refuse a split like %j',
    async (body) => {
      await api().ask('POST', '/system/functions', hello)
      expect((await api().ask('PUT', '/system/traffic/hello', body)).status).toBe(400)
    },
  )
})
