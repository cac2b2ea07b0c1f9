// Preloaded into a gateway: kills it with -9 when it comes to the step that a file names, such as `before provider.scale`
// or, for the second time since the file was written, `after store.put 2`. Without the file nothing happens.
import { readFileSync } from 'node:fs'
import { providers } from '../../gateway/providers/index.ts'
import { stores } from '../../gateway/stores/index.ts'

const file = process.env['SKEP_TEST_DIES_AT'] ?? ''
let passed = 0

function pass(step: string): void {
  const [when, what, count = '1'] = armed().split(' ')
  if (`${when} ${what}` === step && ++passed === Number(count)) process.kill(process.pid, 'SIGKILL')
}

function armed(): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function watched<T extends object>(name: string, port: T): T {
  return new Proxy(port, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method)
      if (typeof value !== 'function') return value
      return (...words: unknown[]): unknown => {
        const step = `${name}.${String(method)}`
        // Of what the store keeps only the functions are of interest.
        const isWatched = name !== 'store' || String(words[0]).startsWith('function/')
        if (isWatched) pass(`before ${step}`)
        const result: unknown = Reflect.apply(value, target, words)
        if (!isWatched || !(result instanceof Promise)) return result
        return result.then((answer: unknown) => (pass(`after ${step}`), answer))
      }
    },
  })
}

const { process: openProvider } = providers
providers.process = async (options) => watched('provider', await openProvider(options))
const { embedded } = stores
stores.embedded = async (path) => watched('store', await embedded(path))
