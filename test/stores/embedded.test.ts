import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { stores } from '../../gateway/stores/index.ts'
import { describeStore } from '../contract/store.ts'
import { killedAfter } from '../helpers/killed.ts'

const folder = mkdtempSync(join(tmpdir(), 'skep-store-'))
const file = join(folder, 'skep.db')
const wipe = async () => ['', '-wal', '-shm'].forEach((suffix) => rmSync(file + suffix, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

describeStore('embedded', () => stores.embedded(file), wipe)

it('has every document whose put resolved, also after kill -9', async () => {
  await wipe()
  const promised = await killedAfter(
    40,
    `
      const { stores } = await import('./gateway/stores/index.ts')
      const store = await stores.embedded(${JSON.stringify(file)})
      for (let n = 0; ; n++) {
        await store.put('document/' + n, 'x'.repeat(1000))
        console.log('document/' + n)
      }`,
  )
  const store = await stores.embedded(file)
  const kept = new Set((await store.list('document/')).map((document) => document.key))
  expect(promised.filter((key) => !kept.has(key))).toEqual([])
  await store.close()
})

it('says that the store is unavailable when its folder is not there', async () => {
  await expect(stores.embedded(join(folder, 'nowhere', 'skep.db'))).rejects.toMatchObject({
    code: 'store_unavailable',
  })
})
