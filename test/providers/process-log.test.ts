import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readLogs, type ReadableLog } from '../../gateway/providers/process/lines.ts'
import { ReplicaLog } from '../../gateway/providers/process/log.ts'

const mebibyte = 1024 * 1024
let folder: string
let log: ReplicaLog
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skep-log-'))
  log = new ReplicaLog(folder)
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

const print = (text: string): void => appendFileSync(join(folder, 'log'), text)
const printAt = (time: string, text: string): void => {
  vi.setSystemTime(time)
  print(text)
  log.measure()
}

async function lines(
  query: { since?: Date; tail?: number } = {},
  logs: ReadableLog[] = [{ replica: 'a', log, isFinal: true }],
): Promise<string[]> {
  const read: string[] = []
  const all = { function: 'hello', follow: false, signal: AbortSignal.timeout(10_000), ...query }
  for await (const { text } of readLogs(() => logs, all)) read.push(text)
  return read
}

const bytesOnDisk = (): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

describe('the log of a replica', () => {
  it('gives lines without their ends, the last one also when it has none', async () => {
    print('one\ntwo\r\n\nthr')
    print('ee')
    expect(await lines()).toEqual(['one', 'two', '', 'three'])
  })

  it('keeps characters whole that were written, or are read, in two pieces', async () => {
    print(`${'x'.repeat(64 * 1024 - 1)}é\n`)
    expect(await lines()).toEqual([`${'x'.repeat(64 * 1024 - 1)}é`])
  })

  it('knows when a line was written, also after the gateway was started again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    printAt('2026-01-01T10:00:00Z', 'early\n')
    printAt('2026-01-01T10:00:05Z', 'later\n')
    log = new ReplicaLog(folder)
    printAt('2026-01-01T10:00:09Z', 'last\n')
    expect(await lines({ since: new Date('2026-01-01T10:00:05Z') })).toEqual(['later', 'last'])
  })

  it('keeps the end of much output, with its times, and goes on after it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    printAt('2026-01-01T10:00:00Z', 'forgotten\n')
    printAt('2026-01-01T10:01:00Z', `${'x'.repeat(1023)}\n`.repeat(9 * 1024))
    printAt('2026-01-01T10:02:00Z', `${'y'.repeat(1023)}\n`.repeat(2 * 1024))
    printAt('2026-01-01T10:03:00Z', 'end\n')
    log = new ReplicaLog(folder)
    expect(bytesOnDisk()).toBeLessThan(6 * mebibyte)
    expect(await lines({ tail: 2 })).toEqual(['y'.repeat(1023), 'end'])
    expect(await lines()).toHaveLength(5 * 1024 + 1)
    expect(await lines({ since: new Date('2026-01-01T10:02:00Z') })).toHaveLength(2 * 1024 + 1)
  })

  it('does not grow with ever more times', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    for (let i = 0; i < 5000; i++) printAt(new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString(), `${i}\n`)
    expect(bytesOnDisk()).toBeLessThan(100_000)
    const since = new Date(Date.UTC(2026, 0, 1) + 4990 * 1000)
    expect((await lines({ since })).at(-1)).toBe('4999')
    expect((await lines({ since })).length).toBeLessThan(20)
  })

  it('is read together with others in order of time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const [first, other] = ['first', 'other'].map((name) => {
      const own = join(folder, name)
      mkdirSync(own)
      return { replica: name, log: new ReplicaLog(own), isFinal: true }
    }) as [ReadableLog, ReadableLog]
    for (const [second, { replica, log: into }] of [first, other, first, other].entries()) {
      vi.setSystemTime(`2026-01-01T10:00:0${second}Z`)
      appendFileSync(join(folder, replica, 'log'), `${second}\n`)
      into.measure()
    }
    expect(await lines({}, [first, other])).toEqual(['0', '1', '2', '3'])
    expect(await lines({ tail: 1 }, [first, other])).toEqual(['2', '3'])
  })

  it('cuts a line that never ends', async () => {
    print('x'.repeat(2.5 * mebibyte))
    expect((await lines()).map((line) => line.length)).toEqual([mebibyte, mebibyte, mebibyte / 2])
  })
})
