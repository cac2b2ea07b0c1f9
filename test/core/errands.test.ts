import { expect, it, vi } from 'vitest'
import type { Changes } from '../../gateway/core/changes.ts'
import type { Crew } from '../../gateway/core/crew.ts'
import { Errands } from '../../gateway/core/errands.ts'
import { leadMoved } from '../../gateway/core/lead-moved.ts'
import { spec, useGateways } from './gateway.ts'
import { meeting } from './meeting.ts'
import { memoryStore, place } from './place.ts'

const open = useGateways()

it.each([
  { asked: 'first', meanwhile: 'gets ready', then: async () => {} },
  { asked: 'second', meanwhile: 'gets ready', then: async () => {} },
  { asked: 'first', meanwhile: 'starts still', then: () => new Promise<void>(() => {}) },
])(
  'a deploy through the $asked gateway is made by the other one when the lead goes there while a replica $meanwhile',
  async ({ asked, then }) => {
    const there = place()
    const store = memoryStore()
    const { peers, met, move } = meeting()
    const gateways = {
      first: await open(there, store, { peers: peers('first') }),
      second: await open(there, store, { peers: peers('second') }),
    }
    await met('second')
    let isMoved = false
    there.world.probe = async () => {
      if (isMoved) return
      isMoved = true
      move('first', 'second')
      await then()
    }
    await gateways[asked as keyof typeof gateways].deploy(spec())
    for (const skep of Object.values(gateways)) expect(skep.find('hello')).toBeDefined()
  },
)

it('a deploy is made again however long it took until the lead moved', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    let tries = 0
    const deploy = async (): Promise<string> => {
      vi.advanceTimersByTime(60_000)
      if (++tries === 1) throw leadMoved()
      return 'made'
    }
    const errands = new Errands({ role: 'leads' } as Crew, { deploy } as unknown as Changes)
    expect(await errands.run('deploy', {})).toBe('made')
  } finally {
    vi.useRealTimers()
  }
})
