import { expect, it } from 'vitest'
import { place, poolOf } from './place.ts'

it('opens replicas again for callers who stood in line at another gateway when they were closed there', async () => {
  const there = place()
  const said: string[] = []
  let waiting = 0
  const { pool } = poolOf(
    there,
    {},
    {},
    {
      elsewhere: () => ({ demand: 0, waiting, idleForMs: 0, settling: false }),
      freed: async (id) => {
        if (said.length === 0) waiting = 1
        said.push(`close ${id}`)
      },
      open: (id) => {
        said.push(`open ${id}`)
        waiting = 0
      },
    },
  )
  await pool.start(1)
  const limit = AbortSignal.timeout(10_000)
  await pool.drained(limit)
  expect(limit.aborted).toBe(false)
  expect(said).toEqual(['close r1', 'open r1', 'close r1'])
})
