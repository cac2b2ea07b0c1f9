import { functionKey } from '../../gateway/core/names.ts'
import { singleGateway } from '../../gateway/peers/single.ts'
import { policyOf, type Policy } from '../../gateway/core/policy.ts'
import { Pool, type PoolParts } from '../../gateway/core/pool.ts'
import type { Carrier } from '../../gateway/core/carrier.ts'
import type { Log, Provider, Replica, ReplicaEvent, Revision, Secret } from '../../gateway/core/ports.ts'
import type { Document, Store } from '../../gateway/core/store.ts'
import { Records } from '../../gateway/core/records.ts'
import type { SkepParts } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'

export const silentLog: Log = { info() {}, warn() {}, error() {} }

export function revisionOf(name: string, number = 1, fields: object = {}): Revision {
  const spec = FunctionSpec.parse({ name, image: 'x', ...fields })
  return { id: `${name}-${number}`, function: name, number, spec, createdAt: '2026-01-01T00:00:00Z' }
}

/** A place that lives in memory, so that a test can say when its replicas get up, get ready and die. */
export function place() {
  const listeners = new Set<(event: ReplicaEvent) => void>()
  const running = new Map<string, Replica>()
  const prepared = new Map<string, Revision>()
  const secrets = new Map<string, Secret & { value: Uint8Array }>()
  const calls: string[] = []
  let count = 0
  const tell = (event: ReplicaEvent): void => listeners.forEach((listener) => listener(event))
  const world = {
    secrets,
    calls,
    running,
    prepared,
    /** What `scale` does before it starts anything: wait, or throw. */
    beforeStart: async (): Promise<void> => {},
    /** What the probe says of an address: resolves when it is ready. */
    probe: async (_port: number, _signal: AbortSignal): Promise<void> => {},
    /** What `prepare` does. */
    prepare: async (_revision: Revision): Promise<void> => {},
    /** What an image's name means; by default something else each time. */
    digestOf: (_image: string): string => crypto.randomUUID(),
    die(id: string, reason = 'It crashed.') {
      const replica = running.get(id)
      if (!replica) throw new Error(`no replica ${id}`)
      running.delete(id)
      tell({ type: 'gone', id, revision: replica.revision, reason })
    },
  }
  const provider: Provider = {
    name: 'memory',
    digestOf: async ({ image }) => world.digestOf(image),
    async prepare(revision) {
      await world.prepare(revision)
      prepared.set(revision.id, revision)
    },
    revisions: async () => [...prepared.values()],
    async scale(revision, replicas) {
      calls.push(`scale ${revision.id} ${replicas}`)
      await world.beforeStart()
      while ([...running.values()].filter((replica) => replica.revision === revision.id).length < replicas) {
        const port = ++count
        const replica = { id: `r${port}`, revision: revision.id, address: { host: 'memory', port }, paused: false }
        running.set(replica.id, replica)
        tell({ type: 'up', replica })
      }
    },
    replicas: async () => [...running.values()],
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async remove(revision) {
      calls.push(`remove ${revision.id}`)
      prepared.delete(revision.id)
      for (const { id } of [...running.values()].filter((replica) => replica.revision === revision.id)) world.die(id)
    },
    async *logs() {},
    async close() {},
    async retire({ id }) {
      calls.push(`retire ${id}`)
      world.die(id, 'It was retired.')
    },
    async pause({ id }) {
      calls.push(`pause ${id}`)
    },
    async resume({ id }) {
      calls.push(`resume ${id}`)
    },
    secrets: {
      list: async () => [...secrets.values()],
      put: async (secret, value) => void secrets.set(functionKey(secret), { ...secret, value }),
      remove: async (secret) => void secrets.delete(functionKey(secret)),
    },
  }
  const carrier: Carrier = {
    send: (_address, _invocation, _limits, ended) => ended({ kind: 'done', status: 200 }),
    probe: ({ port }, { signal }) => world.probe(port, signal),
    forget() {},
    close() {},
  }
  return { world, provider, carrier }
}

export type Place = ReturnType<typeof place>

/** A gateway that leads because there is no other. */
const onlyOne: PoolParts['crew'] = {
  role: 'leads',
  isShut: () => false,
  close: () => true,
  freed: async () => {},
  open() {},
  gone() {},
  prompt() {},
  tell() {},
  elsewhere: () => ({ demand: 0, waiting: 0, idleForMs: Infinity, settling: false }),
}

export function poolOf(
  there: Place,
  fields: object = {},
  policy: Partial<Policy> = {},
  crew: Partial<PoolParts['crew']> = {},
) {
  const revision = revisionOf('hello', 1, fields)
  const coldStarts: number[] = []
  const coldStart = (seconds: number): void => void coldStarts.push(seconds)
  const parts = { ...there, log: silentLog, coldStart, crew: { ...onlyOne, ...crew } }
  const pool = new Pool(revision, { ...policyOf(revision.spec), ...policy }, parts)
  pool.setActive(true)
  there.provider.watch((event) => pool.notice(event))
  return { pool, coldStarts }
}

/** A store that lives in memory, for tests that are not about stores. */
export function memoryStore(): Store {
  const documents = new Map<string, Document>()
  return {
    get: async (key) => documents.get(key),
    async put(key, value) {
      const version = (documents.get(key)?.version ?? 0) + 1
      documents.set(key, { key, value, version })
      return version
    },
    delete: async (key) => void documents.delete(key),
    list: async (prefix) => [...documents.values()].filter(({ key }) => key.startsWith(prefix)),
    close: async () => {},
  }
}

export function partsOf(there: Pick<Place, 'provider' | 'carrier'>, store: Store = memoryStore()): SkepParts {
  const observer = { started() {}, answered() {}, coldStart() {} }
  return {
    ...there,
    store,
    records: new Records(store),
    peers: singleGateway(),
    log: silentLog,
    observer,
    maxBodyBytes: Infinity,
    keepRevisions: 2,
  }
}
