import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../gateway/core/store.ts'

/** What every store must do. `open` opens the same store each time, `wipe` empties it. */
export function describeStore(name: string, open: () => Promise<Store>, wipe: () => Promise<void>) {
  describe(`store: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      await wipe()
      store = await open()
    })
    afterEach(() => store.close())

    it('gives back what was put, and nothing for a key that is not there', async () => {
      const version = await store.put('function/hello', '{"é":"🐝"}')
      expect(await store.get('function/hello')).toEqual({ key: 'function/hello', value: '{"é":"🐝"}', version })
      expect(await store.get('function/other')).toBeUndefined()
    })

    it('keeps documents when it is closed and opened again', async () => {
      const version = await store.put('a', '1')
      await store.close()
      store = await open()
      expect(await store.get('a')).toEqual({ key: 'a', value: '1', version })
    })

    it('lets one of two writers learn that the other was first', async () => {
      const version = await store.put('a', 'both read this')
      await store.put('a', 'first', version)
      await expect(store.put('a', 'second', version)).rejects.toMatchObject({ code: 'conflict' })
      expect((await store.get('a'))?.value).toBe('first')
    })

    it('creates only what is not there when the version is 0', async () => {
      await store.put('a', 'mine', 0)
      await expect(store.put('a', 'yours', 0)).rejects.toMatchObject({ code: 'conflict' })
    })

    it('refuses a version of a document that is gone', async () => {
      const version = await store.put('a', '1')
      await store.delete('a')
      await expect(store.put('a', '2', version)).rejects.toMatchObject({ code: 'conflict' })
    })

    it('never gives a version out twice, so that a document made anew is not taken for the old one', async () => {
      const old = await store.put('a', 'old')
      await store.delete('a')
      await store.put('a', 'new')
      await expect(store.put('a', 'by someone who read the old one', old)).rejects.toMatchObject({ code: 'conflict' })
    })

    it('lists what begins with a prefix in the order of the keys, and nothing else', async () => {
      for (const key of ['function/b', 'function/é', 'function/a', 'functions', 'key/a', 'function%', 'FUNCTION/a']) {
        await store.put(key, key)
      }
      const keys = async (prefix: string) => (await store.list(prefix)).map((document) => document.key)
      expect(await keys('function/')).toEqual(['function/a', 'function/b', 'function/é'])
      expect(await keys('')).toHaveLength(7)
      expect(await keys('nothing')).toEqual([])
    })

    it('deletes a document, and does not mind when there is none', async () => {
      await store.put('a', '1')
      await store.delete('a')
      await store.delete('a')
      expect(await store.get('a')).toBeUndefined()
      expect(await store.list('')).toEqual([])
    })

    it('survives twenty writers of one document without losing a write', async () => {
      await store.put('count', '0', 0)
      const increment = async (): Promise<void> => {
        const before = await store.get('count')
        const after = `${Number(before?.value) + 1}`
        await store.put('count', after, before?.version).catch((error: { code: string }) => {
          if (error.code !== 'conflict') throw error
          return increment()
        })
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      expect((await store.get('count'))?.value).toBe('20')
    })
  })
}
