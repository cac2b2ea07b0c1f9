import { crashOf } from '../engine/ending.ts'
import type { LogSource } from '../engine/function-logs.ts'
import type { Line } from '../engine/log-lines.ts'
import { type LinesQuery, readLines } from '../engine/logs.ts'
import type { Place } from '../engine/place.ts'
import type { Placed } from '../engine/survey.ts'

/** Why a replica crashed, and what it said before it went to zero, is worth reading; all of them fit into a few MB. */
const replicasOfFunction = 3
const replicasOfAll = 60
const linesOfReplica = 100
const lettersOfReplica = 32 * 1024
const readLimitMs = 2000

interface Kept {
  readonly function: string
  readonly revision: string
  readonly source: LogSource
}

/** The last lines of replicas that have ended, and how they crashed: the engine forgets them with the container. */
export class LastLogs {
  readonly #place: Place
  #kept: readonly Kept[] = []

  constructor(place: Place) {
    this.#place = place
  }

  async keep({ container, replica, revision: { id, function: key, spec } }: Placed): Promise<void> {
    const lines = await this.#linesOf(container)
    const crash = await crashOf(this.#place.engine, container, spec)
    if (crash !== undefined) lines.push({ at: new Date(), text: `[skep] ${crash}` })
    if (lines.length === 0) return
    const source: LogSource = { replica: replica.id, lines: (query) => chosen(lines, query) }
    const kept = { function: key, revision: id, source }
    const ofThis = [...this.#kept.filter((other) => other.function === key), kept].slice(-replicasOfFunction)
    this.#kept = [...this.#kept.filter((other) => other.function !== key), ...ofThis].slice(-replicasOfAll)
  }

  of(key: string): LogSource[] {
    return this.#kept.filter((kept) => kept.function === key).map(({ source }) => source)
  }

  forget(revision: string): void {
    this.#kept = this.#kept.filter((kept) => kept.revision !== revision)
  }

  async #linesOf(container: string): Promise<Line[]> {
    const query = { follow: false, tail: linesOfReplica, signal: AbortSignal.timeout(readLimitMs) }
    const lines: Line[] = []
    let letters = 0
    for await (const line of readLines(this.#place.engine, `containers/${container}`, query)) {
      lines.push(line)
      letters += line.text.length
      while (letters > lettersOfReplica) letters -= lines.shift()?.text.length ?? letters
    }
    return lines
  }
}

async function* chosen(lines: readonly Line[], { since, tail }: LinesQuery): AsyncGenerator<Line> {
  const recent = lines.filter(({ at }) => since === undefined || at >= since)
  yield* tail === undefined ? recent : recent.slice(Math.max(recent.length - tail, 0))
}
