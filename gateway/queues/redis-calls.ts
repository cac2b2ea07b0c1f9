import { readFileSync } from 'node:fs'
import { connect } from '../redis/connection.ts'
import type { Connection } from '../redis/connection.ts'
import { script } from '../redis/script.ts'
import type { Argument, Script } from '../redis/script.ts'

/** The braces keep all keys in one hash slot. */
const prefix = '{skep}:queue'
const names = ['push', 'take', 'settle', 'extend', 'sweep', 'change', 'list', 'show', 'depth'] as const
type Name = (typeof names)[number]

const read = (name: string): string => readFileSync(new URL(`redis-scripts/${name}.lua`, import.meta.url), 'utf8')

/** The calls in Redis and what can be done with them, each in one step; the scripts say what they take and return. */
export class RedisCalls {
  readonly connection: Connection
  readonly #scripts: ReadonlyMap<Name, Script>

  constructor(url: string) {
    this.connection = connect(url, { unavailable: 'queue_unavailable' })
    const shared = read('shared')
    this.#scripts = new Map(names.map((name) => [name, script(`${shared}\n${read(name)}`)]))
  }

  key(...parts: string[]): string {
    return [prefix, ...parts].join(':')
  }

  run(name: Name, ...args: Argument[]): Promise<unknown> {
    return this.connection.use((redis) => this.#scripts.get(name)?.(redis, [prefix], args) ?? Promise.resolve())
  }
}
