import { expect, it } from 'vitest'
import { Doors } from '../../gateway/core/doors.ts'
import { until } from '../helpers/until.ts'
import { spec, useGateways } from './gateway.ts'
import { meeting } from './meeting.ts'
import { memoryStore, place, revisionOf } from './place.ts'

const open = useGateways()

it('whoever waits for a replica to be free hears when it ends by itself', () => {
  const doors = new Doors(
    () => false,
    () => {},
  )
  const heard: string[] = []
  doors.close('r1', () => heard.push('r1'))
  doors.close('r2', () => heard.push('r2'))
  doors.gone('r1')
  expect([heard, Object.keys(doors.shut)]).toEqual([['r1'], ['r2']])
})

it('what is cleared up and gone is not told of for ever', async () => {
  const there = place()
  const store = memoryStore()
  await (await open(there, store)).deploy(spec())
  const stray = { id: 'r9', revision: 'hello-9', address: { host: 'memory', port: 9 }, paused: false }
  there.world.prepared.set('hello-9', revisionOf('hello', 9))
  there.world.running.set('r9', stray)
  const { peers, said } = meeting()
  /** What each report says is closed. */
  const reports = (): string[][] =>
    said.flatMap(({ message }) => {
      const { shut } = JSON.parse(message) as { shut?: object }
      return shut ? [Object.keys(shut)] : []
    })
  await open(there, store, { peers: peers('leader') })
  await until(() => !there.world.running.has('r9'))
  const before = reports().length
  await until(() => reports().length > before + 1)
  expect(reports().flat()).toContain('r9')
  expect(reports().at(-1)).toEqual([])
})
