import { Records } from '../../gateway/core/records.ts'
import type { Address, Provider, ReplicaEvent } from '../../gateway/core/ports.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { edge } from '../../gateway/http/server.ts'
import { metrics } from '../../gateway/telemetry/metrics.ts'
import { singleGateway } from '../../gateway/peers/single.ts'
import { memoryStore, silentLog } from '../core/place.ts'
import { listen } from '../http/direct-edge.ts'

/**
 * All of the gateway that a request sees (edge, core, metrics, carrier) in front of a server that is there already:
 * `node gateway-process.ts HOST PORT`. Prints its port; the function is called `hello`.
 */
const [host = '127.0.0.1', port] = process.argv.slice(2)
const { observer, scrape } = metrics({
  loads: () => skep.loads(),
  depth: async () => new Map(),
  usages: async () => [],
})
const store = memoryStore()
const skep = new Skep({
  provider: standing({ host, port: Number(port) }),
  carrier: httpCarrier(),
  records: new Records(store),
  store,
  observer,
  log: silentLog,
  maxBodyBytes: Infinity,
  keepRevisions: 1,
  peers: singleGateway(),
})
await skep.start()
await skep.deploy(FunctionSpec.parse({ name: 'hello', image: 'standing', scale: { max: 1 } }))
const front = edge({
  invoker: skep,
  trustProxy: false,
  maySeeDetail: () => false,
  app: (_, res) => void scrape().then((text) => res.end(text)),
})
console.log(await listen(front.server))

/** A place where one replica was always there. */
function standing(address: Address): Provider {
  const listeners = new Set<(event: ReplicaEvent) => void>()
  return {
    name: 'standing',
    prepare: async () => {},
    revisions: async () => [],
    async scale(revision) {
      const replica = { id: 'standing', revision: revision.id, address, paused: false }
      for (const listener of listeners) listener({ type: 'up', replica })
    },
    replicas: async () => [],
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    remove: async () => {},
    async *logs() {},
    close: async () => {},
  }
}
