import { homedir } from 'node:os'
import { beforeAll, expect, it } from 'vitest'
import { describeLanguage } from '../helpers/language.ts'
import { needs } from '../helpers/needs.ts'
import { handlerFixture, startRuntime } from '../helpers/runtime-process.ts'
import { findProgram, run } from '../lab/shell.ts'

const compiledIn = 'the handler is a part of the program'
const cannot = {
  parseBodies: 'a Go handler reads its body itself',
  load: compiledIn,
  'fail loading': compiledIn,
}

// The first compilation of a server on a machine takes long.
beforeAll(async () => {
  if (findProgram('go')) await run('sh', ['runtimes/go/build.sh', handlerFixture('go', 'cases'), '/dev/null'])
}, 300_000)

describeLanguage('go', {
  needs: ['go'],
  bases: { BUILD_IMAGE: 'go', BASE_IMAGE: 'busybox' },
  environment: { HOME: homedir() }, // where Go keeps what it has compiled
  cannot,
})

it(
  'lets a handler copy a body into its answer: net/http threw a part of it away when the answer began',
  needs('go'),
  async () => {
    const running = await startRuntime('go', handlerFixture('go', 'cases'), { HOME: homedir() })
    for (const size of [100_000, 1_000_000]) {
      const sent = Buffer.alloc(size, 'the bees ')
      for (const body of [sent, new Blob([sent]).stream()]) {
        const answer = await fetch(`${running.url}/copy`, { method: 'POST', body, duplex: 'half' })
        expect(sent.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
      }
    }
    expect(await running.stop()).toBe(0)
  },
)
