import type { Log, Provider } from '../core/ports.ts'
import type { FindLogin } from '../core/registry.ts'
import { requireSecrets } from '../core/secrets.ts'
import { Book } from './engine/book.ts'
import { buildImage } from './engine/build.ts'
import { connectEngine } from './engine/client.ts'
import { functionLogs } from './engine/function-logs.ts'
import { type Ground, layGround, type Reach } from './engine/ground.ts'
import { Holders } from './docker/holders.ts'
import { label } from './engine/labels.ts'
import { execIn } from './docker/exec.ts'
import { LastLogs } from './docker/last-logs.ts'
import { dockerLogs } from './docker/log-sources.ts'
import { News } from './docker/news.ts'
import { discard, type Place } from './engine/place.ts'
import { Images } from './docker/images.ts'
import { forget, memories } from './docker/records.ts'
import { refuseImpossible } from './docker/refuse.ts'
import { Replicas } from './docker/replicas.ts'
import { VolumeSecrets } from './docker/secrets.ts'
import { containersOf, type Placed, survey } from './engine/survey.ts'
import { usageOf } from './engine/usage.ts'
import { watchEngine } from './docker/watch.ts'

export interface DockerOptions {
  /** `unix:///run/docker.sock` or `tcp://host:2375`. Default: where the engine usually is. */
  readonly host?: string
  /** Tells this gateway's things from those of another on the same engine. Default `skep`. */
  readonly gateway?: string
  /** The network that functions live in; made if it is not there. Default: the gateway's name. */
  readonly network?: string
  /** The container that the gateway itself runs in, if it does: it joins that network. */
  readonly self?: string
  /** Default: `direct`, and `published` where the engine runs in a virtual machine, as Docker Desktop's does. */
  readonly reach?: Reach
  /** Networks that are kept ready for the next starts. Default 1; 0 switches it off. */
  readonly spares?: number
  /** Where built images go. Default: nowhere, they stay on this engine. */
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

/** Replicas are containers of a Docker engine. Opens also while the engine is away, and finds everything when it is back. */
export async function dockerProvider(options: DockerOptions = {}): Promise<Provider> {
  const place = placeOf(options)
  const book = new Book<Placed>()
  const holders = new Holders(place, options.spares ?? 1)
  const secrets = new VolumeSecrets(place)
  const images = new Images(place)
  const lastLogs = new LastLogs(place)
  const replicas = new Replicas({ place, holders, secrets }, book, lastLogs)
  const closing = new AbortController()
  const news = new News({ place, book, holders, replicas })
  await watchEngine(place.engine, news, {
    labels: { [label.gateway]: place.gateway },
    signal: closing.signal,
    log: place.log,
  })

  return {
    name: 'docker',
    async digestOf(spec, progress) {
      refuseImpossible(spec, await place.ground())
      return images.bring(spec.image, progress)
    },
    async prepare(revision, progress) {
      const { spec } = revision
      refuseImpossible(spec, await place.ground())
      if (spec.secrets.length > 0) requireSecrets(spec, await secrets.list())
      await images.prepare(revision, progress)
    },
    async revisions() {
      const [running, idle] = await Promise.all([survey(place), memories(place)])
      const all = [...running.running.map(({ revision }) => revision), ...idle.map(({ revision }) => revision)]
      return [...new Map(all.map((revision) => [revision.id, revision])).values()]
    },
    async replicas() {
      return (await survey(place)).running.map(({ replica }) => replica)
    },
    scale: (revision, wanted) => replicas.scale(revision, wanted),
    retire: (replica) => replicas.retire(replica),
    pause: (replica) => replicas.pause(replica),
    resume: (replica) => replicas.resume(replica),
    async usage({ id }) {
      const placed = book.find(id)
      return placed && usageOf(place.engine, placed.container)
    },
    async exec(replica, command, timeoutMs) {
      return execIn(place.engine, replicas.placedOf(replica).container, { command, timeoutMs })
    },
    async remove(revision) {
      await replicas.endAll(revision)
      lastLogs.forget(revision.id)
      const left = await containersOf(place, revision.function, revision.id)
      await Promise.all(left.map(({ container }) => discard(place.engine, container)))
      await images.release(revision)
      await forget(place, revision)
    },
    secrets,
    lead(leads) {
      if (leads) secrets.forgetAll()
      news.lead(leads)
    },
    watch: (listener) => book.watch(listener),
    build: (build) => buildImage({ ...place, registry: options.registry, buildKit: options.buildKit }, build),
    logs: (query) => functionLogs(dockerLogs(place, book, lastLogs), query),
    async close() {
      closing.abort()
      await holders.close()
    },
  }
}

function placeOf(options: DockerOptions): Place {
  const { host, gateway = 'skep', network = gateway, reach, self, leads = true, log = silent, logins } = options
  const engine = connectEngine(host, logins)
  let ground: Promise<Ground> | undefined
  const lay = (): Promise<Ground> =>
    layGround(engine, { gateway, network, reach, self }).catch((error: unknown) => {
      ground = undefined
      throw error
    })
  return { engine, gateway, network, log, making: new Set(), role: { leads }, ground: () => (ground ??= lay()) }
}
