import { describe, expect, it } from 'vitest'
import { spec, useGateways } from './gateway.ts'
import { place } from './place.ts'

const open = useGateways()

describe('split traffic', () => {
  it('goes by weight, and to the revision that a caller asks for', async () => {
    const skep = await open(place())
    await skep.deploy(spec({ image: 'a' }))
    await skep.deploy(spec({ image: 'b' }))
    await skep.split('hello', [
      { revision: 1, weight: 25 },
      { revision: 2, weight: 75 },
    ])
    const found = skep.get('hello')
    const picked = Array.from({ length: 4000 }, () => found.pick({}).revision.number)
    const share = picked.filter((number) => number === 1).length / 4000
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.3)
    expect(found.pick({ revision: '1' }).revision.number).toBe(1)
    expect(() => found.pick({ revision: '9' })).toThrow('no revision 9')
  })

  it('keeps a sticky caller with one revision, also with a new one whose share grows', async () => {
    const skep = await open(place())
    const sticky = { header: 'X-User' }
    await skep.deploy(spec({ sticky }))
    await skep.deploy(spec({ sticky }))
    const found = skep.get('hello')
    const split = (weight: number): Promise<void> =>
      skep.split('hello', [
        { revision: 1, weight: 100 - weight },
        { revision: 2, weight },
      ])
    const users = Array.from({ length: 1000 }, (_, i) => `user-${i}`)
    const withNew = (): string[] =>
      users.filter((user) => found.pick({ headers: ['x-user', user] }).revision.number === 2)
    await split(10)
    const few = withNew()
    expect([few.length > 60, few.length < 140]).toEqual([true, true])
    expect(withNew()).toEqual(few)
    await split(50)
    const half = withNew()
    expect(half.length).toBeGreaterThan(400)
    expect(few.filter((user) => !half.includes(user))).toEqual([])
  })

  it('gives a sticky caller without a cookie one, only while the traffic is split', async () => {
    const skep = await open(place())
    await skep.deploy(spec({ sticky: 'cookie' }))
    await skep.deploy(spec({ sticky: 'cookie' }))
    const found = skep.get('hello')
    const cookies: string[] = []
    const answer = { setCookie: (cookie: string) => void cookies.push(cookie) } as never
    found.pick({ answer })
    expect(cookies).toEqual([])
    await skep.split('hello', [
      { revision: 1, weight: 50 },
      { revision: 2, weight: 50 },
    ])
    for (let i = 0; i < 20; i++) {
      const { number } = found.pick({ answer }).revision
      const headers = ['cookie', `a=b; ${cookies[i]?.split(';', 1)[0]}; c=d`]
      expect(found.pick({ headers, answer }).revision.number).toBe(number)
    }
    expect(cookies).toHaveLength(20)
  })

  it('follows a cookie that names a revision, as long as there is one', async () => {
    const skep = await open(place())
    await skep.deploy(spec())
    await skep.deploy(spec())
    const numbers = ['1', '9'].map((pinned) => skep.get('hello').pick({ pinned }).revision.number)
    expect(numbers).toEqual([1, 2])
  })

  it.each([[[{ revision: 1, weight: 50 }]], [[{ revision: 5, weight: 100 }]]])('refuses %j', async (shares) => {
    const skep = await open(place())
    await skep.deploy(spec())
    await expect(skep.split('hello', shares)).rejects.toMatchObject({ name: 'SkepError' })
    expect(skep.get('hello').shares).toEqual([{ revision: 1, weight: 100 }])
  })
})
