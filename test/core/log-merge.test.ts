import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { LogMerge } from '../../gateway/core/log-merge.ts'
import type { LogLine } from '../../gateway/core/ports.ts'

const now = Date.now()
/** `at`: seconds from now. */
const line = (replica: string, at: number): LogLine => ({ replica, at: new Date(now + at * 1000), text: `${at}` })

const longer = 600_000
const brief = 20

function merged(patienceMs: number) {
  const merge = new LogMerge(patienceMs)
  const open = (replica: string) => {
    const lines = new PassThrough({ objectMode: true })
    merge.add(lines)
    return { say: (...at: number[]) => at.forEach((one) => lines.write(line(replica, one))), end: () => lines.end() }
  }
  return { merge, open }
}

async function take(merge: LogMerge, count: number): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of merge) if (texts.push(text) === count) break
  return texts
}

it('puts the lines of logs that end in order of time, whichever comes first', async () => {
  const { merge, open } = merged(longer)
  const [a, b, c] = [open('a'), open('b'), open('c')]
  a.say(-9, -5, -4)
  a.end()
  c.end()
  setTimeout(() => {
    b.say(-8, -6, -1)
    b.end()
  }, brief)
  merge.complete()
  expect(await take(merge, 9)).toEqual(['-9', '-8', '-6', '-5', '-4', '-1'])
})

it('holds a line back for an earlier one of a log that is slower', async () => {
  const { merge, open } = merged(longer)
  const [a, b] = [open('a'), open('b')]
  a.say(-2)
  setTimeout(() => b.say(-3, -1), brief)
  expect(await take(merge, 2)).toEqual(['-3', '-2'])
})

it('waits no longer than its patience for a log that says nothing, and for none that is added later', async () => {
  const { merge, open } = merged(brief)
  const [a] = [open('a'), open('silent')]
  a.say(-9, -8)
  expect(await take(merge, 2)).toEqual(['-9', '-8'])
  open('later').say(-10)
  expect(await take(merge, 1)).toEqual(['-10'])
})

it('does not wait at each line of a machine whose clock is ahead', async () => {
  const { merge, open } = merged(brief)
  const [a] = [open('a'), open('silent')]
  const at = Array.from({ length: 1000 }, (_, i) => 1000 + i)
  a.say(...at)
  expect(await take(merge, 1000)).toEqual(at.map(String))
})

it('fails as one of its logs fails', async () => {
  const merge = new LogMerge(longer)
  const failing = new PassThrough({ objectMode: true })
  merge.add(failing)
  failing.destroy(new Error('away'))
  await expect(take(merge, 1)).rejects.toThrow('away')
})
