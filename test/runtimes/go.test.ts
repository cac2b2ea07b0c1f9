import { homedir } from 'node:os'
import { beforeAll } from 'vitest'
import { describeLanguage } from '../helpers/language.ts'
import { handlerFixture } from '../helpers/runtime-process.ts'
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
