import { until } from '../helpers/until.ts'
import type { DeploySite } from './deploys-site.ts'
import type { Change } from './latency.ts'
import type { SteadyCall } from './steady-load.ts'

export type Trouble = 'crash' | 'never ready' | 'no image'

interface RevisionStatus {
  readonly number: number
  readonly weight: number
}

/** Which versions may answer from this moment on; none: it is removed. */
interface Era {
  readonly from: number
  readonly versions: readonly string[]
}

const name = 'steady'
const scale = { max: 5, 'start-timeout': '1m' }
const canary = { steps: [20, 60], every: '2s', 'min-requests': 20, 'max-errors': 1 }

/** A function that is changed while it is called, and who may answer at which time. */
export class Steady {
  readonly changes: Change[] = []
  readonly rollbackMs: number[] = []
  readonly #site: DeploySite
  readonly #say: (text: string) => void
  readonly #eras: Era[] = []
  /** By the number of the revision. */
  readonly #versions = new Map<number, string>()
  #count = 0

  constructor(site: DeploySite, say: (text: string) => void) {
    this.#site = site
    this.#say = say
  }

  async deploy(): Promise<void> {
    const version = this.#nextVersion()
    await this.#change('deploys', version, async () => {
      await this.#ask('POST', this.#body(version))
      return version
    })
    this.#versions.set((await this.#current()).number, version)
  }

  /** Between the two newest of the revisions that were good. */
  async rollback(): Promise<void> {
    const current = await this.#current()
    const [to = 0] = [...this.#versions.keys()].filter((number) => number !== current.number).sort((a, b) => b - a)
    const version = this.#versions.get(to) ?? ''
    await this.#change('rollbacks', version, async () => {
      const start = performance.now()
      await this.#site.gateway.admin('POST', `/system/rollback/${name}`, { to })
      this.rollbackMs.push(Math.round(performance.now() - start))
      return version
    })
  }

  async scale(replicas: number): Promise<void> {
    const { gateway } = this.#site
    await this.#change(`scale to ${replicas}`, undefined, async () => {
      await gateway.admin('POST', `/system/scale-function/${name}`, { replicas })
      // One that is called does not stay at zero.
      const isThere = async () => (await gateway.replicas(name)).availableReplicas === Math.max(replicas, 1)
      await until(isThere, 120_000)
    })
  }

  /** Must be refused; whoever gets an answer of it makes it stale. */
  async deployBad(trouble: Trouble): Promise<void> {
    const fields = trouble === 'never ready' ? { scale: { ...scale, 'start-timeout': '3s' } } : {}
    const body = { ...this.#body(this.#nextVersion(), { TROUBLE: trouble }), ...fields }
    await this.#change('bad deploys', undefined, async () => {
      const refusal = await this.#ask('POST', { ...body, ...(trouble === 'no image' && this.#site.missing) }).then(
        () => undefined,
        (error: Error) => error.message,
      )
      if (refusal === undefined) throw new Error(`A deploy that is bad (${trouble}) was accepted.`)
      this.#say(`  refused (${trouble}): ${refusal}`)
    })
  }

  /** The good one is promoted step by step, the slow one rolled back; both without a failed call. */
  async canary(kind: 'good' | 'slow'): Promise<void> {
    const version = this.#nextVersion()
    const stable = this.#version
    const plan = { ...canary, 'max-p95': kind === 'good' ? 100 : 1 }
    await this.#change(`${kind} canary`, version, async () => {
      const { number: before } = await this.#current()
      await this.#ask('POST', { ...this.#body(version, kind === 'slow' ? { ECHO_MS: '1000' } : {}), canary: plan })
      const [{ number } = { number: 0 }] = await this.#revisions()
      const wanted = kind === 'good' ? number : before
      await until(async () => (await this.#current()).weight === 100, 240_000)
      const { number: now } = await this.#current()
      if (now !== wanted) throw new Error(`The ${kind} canary ${number} ended with all traffic at revision ${now}.`)
      if (kind === 'good') this.#versions.set(number, version)
      return kind === 'good' ? version : stable
    })
  }

  async remove(): Promise<void> {
    await this.#change('removal', undefined, () => this.#ask('DELETE', { functionName: name }))
    this.#eras.push({ from: performance.now(), versions: [] })
  }

  /** Whether the revision that answered had traffic while the call was under way. */
  mayAnswer({ at, endedAt, version }: SteadyCall): boolean {
    return this.#erasOf(at, endedAt).some(({ versions }) => versions.includes(version))
  }

  /** A call that comes when the function is being removed, or later, learns that there is none; one that had come before does not. */
  mayBeGone({ endedAt, status }: SteadyCall): boolean {
    const removal = this.changes.find((change) => change.name === 'removal')
    return status === 404 && removal !== undefined && endedAt >= removal.from
  }

  get #version(): string {
    return this.#eras.at(-1)?.versions[0] ?? ''
  }

  #erasOf(from: number, to: number): Era[] {
    return this.#eras.filter((era, i) => era.from <= to && (this.#eras[i + 1]?.from ?? Infinity) >= from)
  }

  #nextVersion(): string {
    return `v${++this.#count}`
  }

  /** `next` may answer as soon as the work begins, and alone once it is done if that is what the work says. */
  async #change(what: string, next: string | undefined, work: () => Promise<unknown>): Promise<void> {
    const before = this.#version
    const from = performance.now()
    if (next !== undefined) this.#eras.push({ from, versions: [before, next] })
    const version = await work()
    const to = performance.now()
    if (typeof version === 'string') this.#eras.push({ from: to, versions: [version] })
    this.changes.push({ name: what, from, to })
    this.#say(`${what}: ${Math.round(to - from)} ms${next === undefined ? '' : `, ${this.#version}`}`)
  }

  #body(version: string, environment: object = {}): object {
    return { service: name, ...this.#site.steady, scale, envVars: { VERSION: version, ...environment } }
  }

  #ask(method: string, body: object): Promise<unknown> {
    return this.#site.gateway.admin(method, '/system/functions', body)
  }

  /** The newest first. */
  async #revisions(): Promise<RevisionStatus[]> {
    return (await (await this.#site.gateway.admin('GET', `/system/revisions/${name}`)).json()) as never
  }

  /** The one with most of the traffic. */
  async #current(): Promise<RevisionStatus> {
    return (await this.#revisions()).reduce((most, one) => (one.weight > most.weight ? one : most))
  }
}
