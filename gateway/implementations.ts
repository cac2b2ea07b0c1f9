import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './config.ts'
import { builder } from './builds/builder.ts'
import type { Builder } from './core/image-build.ts'
import { messageOf } from './core/errors.ts'
import type { Peers } from './core/peers.ts'
import type { Log, Provider } from './core/ports.ts'
import type { Store } from './core/store.ts'
import type { Queue } from './core/queue.ts'
import type { FindLogin } from './core/registry.ts'
import { peers } from './peers/index.ts'
import { providers } from './providers/index.ts'
import { queues } from './queues/index.ts'
import { stores } from './stores/index.ts'

// The only place that chooses an implementation, by the settings.

export function openStore({ store, dataDir, redisUrl }: Config): Promise<Store> {
  return store === 'redis' ? stores.redis(redisUrl) : stores.embedded(join(dataDir, 'skep.db'))
}

const mayHavePeers = ({ store, provider }: Config): boolean => store === 'redis' && provider !== 'process'

export function openPeers(config: Config, log: Log): Promise<Peers> {
  if (mayHavePeers(config)) return peers.redis(config.redisUrl)
  log.info('one gateway: several that serve the same functions need the docker or swarm provider and SKEP_STORE=redis')
  return peers.single()
}

export function openProvider(config: Config, log: Log, logins: FindLogin): Promise<Provider> {
  const leads = !mayHavePeers(config)
  const { dockerHost: host, instance: gateway, dockerNetwork: network, registry, buildKit } = config
  if (config.provider === 'swarm') {
    return providers.swarm({ host, gateway, network, registry, buildKit, leads, self: ownContainer(), logins, log })
  }
  if (config.provider === 'docker') {
    const { dockerReach: reach, dockerSpares: spares } = config
    return providers.docker({
      host,
      gateway,
      network,
      reach,
      spares,
      registry,
      buildKit,
      leads,
      self: ownContainer(),
      logins,
      log,
    })
  }
  const runtimesDir = fileURLToPath(new URL('../runtimes', import.meta.url))
  return providers.process({
    dataDir: join(config.dataDir, 'process'),
    runtimesDir,
    environment: config.environment,
    log,
  })
}

export function openBuilder(config: Config, provider: Provider): Promise<Builder> {
  const { builds: parallel, buildTimeoutMs: timeoutMs, buildMaxContextBytes: maxContextBytes } = config
  return builder({ provider, folder: join(config.dataDir, 'builds'), parallel, timeoutMs, maxContextBytes })
}

/** The container that the gateway runs in, if it does: Docker gives it its own id as host name. */
const ownContainer = (): string | undefined => (existsSync('/.dockerenv') ? hostname() : undefined)

export async function openQueue(
  { queue: kind, queueMaxBytes: maxBytes, dataDir, redisUrl }: Config,
  log: Log,
): Promise<Queue> {
  if (kind === 'embedded') return queues.embedded(join(dataDir, 'queue.db'), { maxBytes })
  const queue = await queues.redis(redisUrl, { maxBytes })
  // Redis may be away for now; functions are served all the same.
  const warnings = await queue.warnings().catch((error: unknown) => [messageOf(error)])
  for (const warning of warnings) log.warn('queue', { warning })
  return queue
}
