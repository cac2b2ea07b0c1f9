import type { Log, LogQuery, Provider } from '../core/ports.ts'
import type { FindLogin } from '../core/registry.ts'
import { Book } from './engine/book.ts'
import { connectEngine, unlessRefused } from './engine/client.ts'
import { functionLogs } from './engine/function-logs.ts'
import { having, label, revisionOf } from './engine/labels.ts'
import { swarmBuilds } from './swarm/builds.ts'
import { Census, type Placed } from './swarm/census.ts'
import { pinImage, pinnedImage } from './swarm/image.ts'
import { swarmLogs } from './swarm/logs.ts'
import { nodesOf } from './swarm/nodes.ts'
import { layGround, type SwarmGround, type SwarmPlace } from './swarm/place.ts'
import { placesFor } from './swarm/placement.ts'
import { SwarmReplicas } from './swarm/replicas.ts'
import { SwarmSecrets } from './swarm/secrets.ts'
import { recordOf } from './swarm/service.ts'
import { ImageBringer } from './swarm/warm-up.ts'

export interface SwarmOptions {
  /** A manager's engine: `unix:///run/docker.sock` or `tcp://host:2375`. Default: where the engine usually is. */
  readonly host?: string | undefined
  /** Tells this gateway's things from those of another in the same Swarm. Default `skep`. */
  readonly gateway?: string | undefined
  /** The overlay network that functions live in; made if it is not there. Default: the gateway's name and `-functions`. */
  readonly network?: string | undefined
  /** The container that the gateway runs in, if it does: other nodes build for it, too. */
  readonly self?: string | undefined
  /** Where built images go: one that every node reaches. */
  readonly registry?: string | undefined
  /** Whether to build with BuildKit. Default: as the engine prefers. */
  readonly buildKit?: boolean | undefined
  /** Whether this gateway leads from the start on. Default true. */
  readonly leads?: boolean
  /** For registries that do not give their images to everybody. */
  readonly logins?: FindLogin
  readonly log?: Log
}

const silent: Log = { info() {}, warn() {}, error() {} }

/** Replicas are tasks of a Swarm. Opens also while the manager is away, and finds everything when it is back. */
export async function swarmProvider(options: SwarmOptions = {}): Promise<Provider> {
  const place = placeOf(options)
  const { engine, gateway } = place
  const book = new Book<Placed>()
  const census = new Census(place, book)
  const secrets = new SwarmSecrets(place)
  const replicas = new SwarmReplicas({ place, secrets }, book, census)
  const images = new ImageBringer(place)
  const builds = swarmBuilds({ ...options, place })
  await census.look().catch(() => {}) // it goes on looking

  return {
    name: 'swarm',
    digestOf: async (spec) => (await pinImage(engine, spec.image)).reference,
    async prepare(revision, progress) {
      await secrets.check(revision.spec)
      const [nodes, image] = await Promise.all([nodesOf(place), pinnedImage(engine, revision)])
      const places = placesFor(revision.spec, image.platforms, nodes)
      const record = await recordOf(place, revision, image)
      await images.bring(revision, { image, places, progress })
      await unlessRefused(
        engine.ask((docker) => docker.createService(record)),
        409,
      ) // it is there already
    },
    async revisions() {
      const filters = having({ [label.gateway]: gateway, [label.role]: 'revision' })
      const services = await engine.ask((docker) => docker.listServices({ filters }))
      return services.flatMap(({ Spec }) => revisionOf(Spec?.Labels ?? {}) ?? [])
    },
    async replicas() {
      await census.look()
      return book.all.map(({ replica }) => replica).filter(({ id }) => !census.isLeaving(id))
    },
    scale: (revision, wanted) => replicas.scale(revision, wanted),
    retire: (replica) => replicas.retire(replica),
    remove: (revision) => replicas.remove(revision),
    secrets,
    nodes: () => nodesOf(place),
    lead: (leads) => void (place.role.leads = leads),
    watch: (listener) => book.watch(listener),
    build: (build) => builds.build(build),
    logs: (query: LogQuery) => functionLogs(swarmLogs(place, book, census), query),
    async close() {
      census.close()
      builds.close()
    },
  }
}

function placeOf(options: SwarmOptions): SwarmPlace {
  const { host, gateway = 'skep', network = `${gateway}-functions`, leads = true, log = silent, logins } = options
  const engine = connectEngine(host, logins)
  let ground: Promise<SwarmGround> | undefined
  const lay = (): Promise<SwarmGround> =>
    layGround(engine, { gateway, network }).catch((error: unknown) => {
      ground = undefined
      throw error
    })
  return { engine, gateway, network, log, role: { leads }, ground: () => (ground ??= lay()) }
}
