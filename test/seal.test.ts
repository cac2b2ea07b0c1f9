import { expect, it } from 'vitest'
import { sealWith } from '../gateway/seal.ts'

const seal = sealWith('right')

it('opens what was closed with the same password, and with no other', async () => {
  const closed = await seal.close('grün')
  expect(await sealWith('right').open(closed)).toBe('grün')
  expect(await sealWith('wrong').open(closed)).toBeUndefined()
})

it.each<[string, (closed: Buffer) => Buffer]>([
  ['nothing', () => Buffer.of()],
  ['half of it', (closed) => closed.subarray(0, 14)],
  ['a tag that was made shorter', (closed) => closed.subarray(0, 12 + 4)],
  ['another text', (closed) => Buffer.concat([closed.subarray(0, -1), Buffer.of(0)])],
])('does not open %s', async (_, changed) => {
  const closed = Buffer.from(await seal.close('text'), 'base64')
  expect(await seal.open(changed(closed).toString('base64'))).toBeUndefined()
})
