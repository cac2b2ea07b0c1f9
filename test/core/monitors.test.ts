import { expect, it } from 'vitest'
import { Monitors } from '../../gateway/core/monitors.ts'
import { until } from '../helpers/until.ts'
import { place, poolOf, silentLog } from './place.ts'

const monitor = { command: ['check'], every: '10s', failures: 2 }

/** A service with one replica, and what its monitoring command says each time. */
async function watched(says: (() => Promise<number>)[]) {
  const there = place()
  const asked: string[] = []
  const exec = async ({ id }: { id: string }, command: readonly string[]): Promise<number> => {
    asked.push(`${command.join(' ')} in ${id}`)
    return (await says.shift()?.()) ?? 0
  }
  const { pool } = poolOf({ ...there, provider: { ...there.provider, exec } }, { service: true, monitor })
  await pool.start(0)
  const monitors = new Monitors({ ...there.provider, exec }, silentLog)
  let now = 0
  /** Another `every` later. */
  const turn = async (): Promise<void> => {
    const before = asked.length
    monitors.tick([pool], (now += 10_000))
    await until(() => asked.length > before)
    await new Promise(setImmediate)
  }
  monitors.tick([pool], now)
  return { there, pool, asked, turn }
}

it('replaces a replica whose monitoring command failed too often in a row, and says so', async () => {
  const { there, pool, turn } = await watched([async () => 1, async () => Promise.reject(new Error('it hangs'))])
  await turn()
  expect(pool.ready.map(({ replica }) => replica.id)).toEqual(['r1'])
  await turn()
  await until(() => pool.ready.length === 1)
  expect(pool.ready.map(({ replica }) => replica.id)).toEqual(['r2'])
  expect(there.world.calls).toContain('retire r1')
  expect(pool.restarts).toMatchObject({
    count: 1,
    last: { reason: 'Its monitor failed 2 times in a row (it hangs).' },
  })
})

it('forgives what went well in between', async () => {
  const { pool, asked, turn } = await watched([async () => 1, async () => 0, async () => 1, async () => 0])
  for (let i = 0; i < 4; i++) await turn()
  expect(asked).toEqual(Array.from({ length: 4 }, () => 'check in r1'))
  expect(pool.restarts.count).toBe(0)
})
