import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { queues } from '../../gateway/queues/index.ts'
import { describeQueue } from '../contract/queue.ts'
import { aCall } from '../contract/queue-site.ts'

const folder = mkdtempSync(join(tmpdir(), 'skep-queue-'))
const file = join(folder, 'queue.db')
const wipe = async () => ['', '-wal', '-shm'].forEach((suffix) => rmSync(file + suffix, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

const source = `(await import('./gateway/queues/index.ts')).queues.embedded(${JSON.stringify(file)})`

describeQueue('embedded', {
  open: (options) => queues.embedded(file, options),
  source: () => source,
  wipe,
  single: 'the file belongs to one process',
})

it('is refused to a second gateway while the first one lives', async () => {
  await wipe()
  const queue = await queues.embedded(file)
  const id = await queue.push(aCall())
  const second = spawn(process.execPath, ['--input-type=module', '--eval', `await (${source})`])
  let said = ''
  second.stderr.on('data', (chunk) => (said += chunk))
  const [code] = await once(second, 'exit')
  expect(code).toBe(1)
  expect(said).toContain('locked')
  expect((await queue.show(id))?.state).toBe('waiting')
  await queue.close()
})

it('says that it is unavailable when its folder is not there', async () => {
  await expect(queues.embedded(join(folder, 'nowhere', 'queue.db'))).rejects.toMatchObject({
    code: 'queue_unavailable',
  })
})
