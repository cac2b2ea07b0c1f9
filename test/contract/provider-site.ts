import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Provider, Replica, ReplicaEvent, Revision } from '../../gateway/core/ports.ts'
import { functionKey } from '../../gateway/core/names.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { providers, type ProviderName } from '../../gateway/providers/index.ts'
import { until } from '../helpers/until.ts'

export type Fixture = 'probe' | 'crash' | 'missing'
type Asked = Partial<FunctionSpec>
type Gone = Extract<ReplicaEvent, { type: 'gone' }>

/** What one implementation brings to the contract. */
export interface Ground<Name extends ProviderName> {
  /** For `providers[name]`; as JSON, because another process opens a provider with them as well. */
  readonly options: Parameters<(typeof providers)[Name]>[0]
  /** How this place is asked for test/fixtures/functions/<fixture>; `missing` is something that does not exist. */
  readonly specs: Readonly<Record<Fixture, Asked>>
  /** Names of all that is still there of a revision: containers, processes, folders. */
  leftovers(revision: Revision): Promise<string[]>
  /** Ends what was set up for the tests. */
  close?(): Promise<void>
}

/** What the tests of a contract work with; each test has a provider of its own, and nothing of it stays. */
export interface Site {
  readonly provider: Provider
  readonly events: ReplicaEvent[]
  readonly ground: Ground<ProviderName>
  /** A revision of a new function unless `asked` names one; not prepared yet. */
  readonly revision: (fixture: Fixture, asked?: Asked, number?: number) => Revision
  /** Prepares such a revision and brings it to so many replicas. */
  readonly run: (fixture: Fixture, asked?: Asked, replicas?: number) => Promise<Revision>
  readonly replicasOf: (revision: Revision) => Promise<Replica[]>
  /** The only replica of the revision. */
  readonly replicaOf: (revision: Revision) => Promise<Replica>
  readonly gone: (replica: Replica) => Promise<Gone>
  /** Prepares and starts what cannot run, and returns what was said about it: by `scale` or by the event of its end. */
  readonly whyNot: (revision: Revision) => Promise<string>
  /** Closes the provider, as a gateway does that stops; `reopen` follows. */
  readonly letGo: () => Promise<void>
  /** Opens another provider on the same place, as a gateway does that was started again. */
  readonly reopen: () => Promise<Provider>
}

/** Opens a provider for each test and gives the tests its site. */
export function useSite<Name extends ProviderName>(name: Name, prepare: () => Promise<Ground<Name>>): () => Site {
  let ground: Ground<ProviderName>
  let site: OpenSite
  beforeAll(async () => {
    ground = await prepare()
  })
  afterAll(async () => ground.close?.())
  beforeEach(async () => {
    const open: (options: never) => Promise<Provider> = providers[name]
    site = await openSite(ground, () => open(ground.options as never))
  })
  afterEach(async () => site.close())
  return () => site
}

interface OpenSite extends Site {
  readonly close: () => Promise<void>
}

async function openSite(ground: Ground<ProviderName>, open: () => Promise<Provider>): Promise<OpenSite> {
  const made: Revision[] = []
  const events: ReplicaEvent[] = []
  let provider = await open()
  provider.watch((event) => events.push(event))

  const site: OpenSite = {
    get provider() {
      return provider
    },
    events,
    ground,
    revision: (fixture, asked = {}, number = 1) => {
      const revision = revisionOf({ ...ground.specs[fixture], ...asked }, number)
      made.push(revision)
      return revision
    },
    run: async (fixture, asked, replicas = 1) => {
      const revision = site.revision(fixture, asked)
      await provider.prepare(revision, () => {})
      await provider.scale(revision, replicas)
      return revision
    },
    replicasOf: async (revision) => {
      return (await provider.replicas()).filter((replica) => replica.revision === revision.id)
    },
    replicaOf: async (revision) => {
      const [replica, ...more] = await site.replicasOf(revision)
      if (!replica || more.length > 0) throw new Error(`${revision.id} has not just one replica.`)
      return replica
    },
    gone: ({ id }) => until(() => events.find((event): event is Gone => event.type === 'gone' && event.id === id)),
    whyNot: async (revision) => {
      await provider.prepare(revision, () => {})
      const refused = await provider.scale(revision, 1).catch((error: unknown) => error)
      if (refused instanceof SkepError) return `${refused.message}\n${refused.detail}`
      const isEnd = (event: ReplicaEvent): event is Gone => event.type === 'gone' && event.revision === revision.id
      return (await until(() => events.find(isEnd))).reason
    },
    letGo: () => provider.close(),
    reopen: async () => {
      provider = await open()
      provider.watch((event) => events.push(event))
      return provider
    },
    close: async () => {
      await Promise.all(made.map((revision) => provider.remove(revision)))
      await provider.close()
    },
  }
  return site
}

function revisionOf(asked: Asked, number: number): Revision {
  const spec = FunctionSpec.parse({ name: `t${crypto.randomUUID().slice(0, 8)}`, ...asked })
  const key = functionKey(spec)
  return { id: `${key}-${number}`, function: key, number, spec, createdAt: new Date().toISOString() }
}

const url = ({ address }: Replica, path: string): string => `http://${address.host}:${address.port}${path}`

/** One request to a replica, which must be ready. */
export async function ask(replica: Replica, path: string, signal?: AbortSignal): Promise<string> {
  const answer = await fetch(url(replica, path), { headers: { connection: 'close' }, signal: signal ?? null })
  return answer.text()
}

/** Asks a replica that may not listen yet. */
export const askSoon = (replica: Replica, path: string): Promise<string> =>
  until(() => ask(replica, path).catch(() => undefined))

/** Follows the logs of a function; `end` resolves when they have ended. */
export function hear({ provider }: Site, revision: Revision): { heard: string[]; end: () => Promise<void> } {
  const stop = new AbortController()
  const heard: string[] = []
  const following = (async () => {
    const query = { function: revision.function, follow: true, tail: 0, signal: stop.signal }
    for await (const { text } of provider.logs(query)) heard.push(text)
  })()
  return {
    heard,
    end: () => {
      stop.abort()
      return following
    },
  }
}
