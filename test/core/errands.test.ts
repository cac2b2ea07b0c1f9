import { expect, it } from 'vitest'
import { spec, useGateways } from './gateway.ts'
import { meeting } from './meeting.ts'
import { memoryStore, place } from './place.ts'

const open = useGateways()

it.each(['first', 'second'])(
  'a deploy through the %s gateway is made by the other one when the lead goes there meanwhile',
  async (asked) => {
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
      if (!isMoved) move('first', 'second')
      isMoved = true
    }
    await gateways[asked as keyof typeof gateways].deploy(spec())
    for (const skep of Object.values(gateways)) expect(skep.find('hello')).toBeDefined()
  },
)
