import { describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import { spec, useGateways } from './gateway.ts'
import { place } from './place.ts'

const open = useGateways()
const withPort = (name: string, port: number) => spec({ name, publish: [{ port }] })

describe('a published port', () => {
  it('goes to one of two functions that are deployed at the same moment', async () => {
    const skep = await open(place())
    const names = ['one', 'other']
    const outcomes = await Promise.allSettled(names.map((name) => skep.deploy(withPort(name, 9000))))
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'conflict' } }])
    expect(skep.publishedPorts()).toEqual([{ function: 'one', port: 9000 }])
  })

  it('can be had when the deploy that wanted it has failed', async () => {
    const there = place()
    const skep = await open(there)
    there.world.prepare = () => Promise.reject(new SkepError('start_failed', 'no such image', { hint: undefined }))
    await expect(skep.deploy(withPort('one', 9000))).rejects.toThrow('no such image')
    there.world.prepare = async () => {}
    await skep.deploy(withPort('other', 9000))
    expect(skep.publishedPorts()).toEqual([{ function: 'other', port: 9000 }])
  })

  it('is not taken from another function by a rollback', async () => {
    const skep = await open(place())
    await skep.deploy(withPort('one', 9000))
    await skep.deploy(withPort('one', 9001))
    await skep.deploy(withPort('other', 9000))
    await expect(skep.rollback('one')).rejects.toMatchObject({ code: 'conflict' })
    expect(skep.publishedPorts()).toMatchObject([{ port: 9001 }, { port: 9000 }])
  })
})
