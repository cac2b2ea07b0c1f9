import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { confirm } from '../../cli/prompt.ts'

const terminal = () => Object.assign(new PassThrough(), { isTTY: true }) as unknown as NodeJS.ReadStream & PassThrough

it.each([
  ['y\n', true],
  ['Yes\n', true],
  ['\n', false],
  ['not yet\n', false],
])('takes %j for %s', async (typed, meant) => {
  const input = terminal()
  const answer = confirm(input, 'Shall it be?')
  input.write(typed)
  expect(await answer).toBe(meant)
})

it('takes the end of all input for a no, and does not wait for more', async () => {
  const input = terminal()
  const answer = confirm(input, 'Shall it be?')
  input.end()
  expect(await answer).toBe(false)
})
