import { existsSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import packageJson from '../package.json' with { type: 'json' }
import { type Config, readConfig } from './config.ts'
import { messageOf } from './core/errors.ts'
import type { Log, Provider, Store } from './core/ports.ts'
import type { Queue } from './core/queue.ts'
import { Records } from './core/records.ts'
import { Skep } from './core/skep.ts'
import { asyncAdminRoutes } from './dialects/async-admin.ts'
import { nodeRoutes } from './dialects/nodes.ts'
import { asyncFunctionRoutes } from './dialects/openfaas-async.ts'
import { openfaasRoutes } from './dialects/openfaas.ts'
import { revisionRoutes } from './dialects/revisions.ts'
import { adminApp, metricsApp } from './http/app.ts'
import { callerHeaders } from './http/caller-headers.ts'
import { httpCarrier } from './http/carrier.ts'
import { credentialCheck, loadCredentials } from './http/credentials.ts'
import { stampOf } from './http/hot-path.ts'
import { edge } from './http/server.ts'
import { providers } from './providers/index.ts'
import { queues } from './queues/index.ts'
import { stores } from './stores/index.ts'
import { withAccessLog } from './telemetry/access-log.ts'
import { jsonLog } from './telemetry/log.ts'
import { metrics } from './telemetry/metrics.ts'
import { asyncTrigger } from './triggers/async.ts'
import { callbackGuard } from './triggers/callback-guard.ts'
import { callbackUrl } from './triggers/callback.ts'

/** What is in flight may take this long to end when the gateway stops. */
const stopGraceMs = 30_000

/** Chooses the implementations, ties them together and listens. Resolves with the way to stop it. */
async function startGateway(config: Config, log: Log): Promise<() => Promise<void>> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const credentials = await loadCredentials(config.secretsDir, config.dataDir)
  const isRight = credentialCheck(credentials)
  const store = await openStore(config)
  const provider = await openProvider(config, log)
  const carrier = httpCarrier()
  const { observer: counter, scrape } = metrics(() => skep.loads())
  const observer = config.accessLog ? withAccessLog(counter, log) : counter
  const { maxBodyBytes, keepRevisions, trustProxy } = config
  const skep = new Skep({
    provider,
    carrier,
    log,
    observer,
    maxBodyBytes,
    keepRevisions,
    records: new Records(store),
  })
  await skep.start()
  const queue = await openQueue(config, log)
  const stopAsync = asyncTrigger(config).start({
    queue,
    log,
    invoke: (invocation) => skep.invoke(invocation),
    policyOf: (key) => skep.find(key)?.pool.policy.async,
  })

  const app = adminApp({
    open: [asyncRoutes(config, skep, queue)],
    dialects: [
      openfaasRoutes(skep, packageJson.version, log),
      revisionRoutes(skep),
      nodeRoutes(skep),
      asyncAdminRoutes(skep, queue),
    ],
    isRight,
    scrape,
    log,
  })
  const maySeeDetail = ({ headers }: { headers: { authorization?: string } }): boolean => isRight(headers.authorization)
  const front = edge({ invoker: skep, trustProxy, maySeeDetail, app: listener(app) })
  const scraped = createServer(listener(metricsApp(scrape)))
  const url = await listen(front.server, config.host, config.port)
  const metricsUrl = await listen(scraped, config.metricsHost, config.metricsPort)
  log.info('gateway started', { url, metricsUrl, provider: provider.name, store: config.store, data: config.dataDir })
  if (credentials.generated) tellPassword(config, credentials.password)

  return async () => {
    log.info('gateway stops', { graceSeconds: stopGraceMs / 1000 })
    scraped.close()
    await Promise.all([front.close(stopGraceMs), stopAsync()])
    await skep.close()
    carrier.close()
    await provider.close()
    await queue.close()
    await store.close()
  }
}

async function openQueue(
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

function asyncRoutes({ callbackAllow, asyncMaxBodyBytes: maxBodyBytes, trustProxy }: Config, skep: Skep, queue: Queue) {
  const guard = callbackGuard(callbackAllow)
  return asyncFunctionRoutes({
    skep,
    queue,
    maxBodyBytes,
    checkCallback: (url) => void callbackUrl(url, guard),
    describe(req) {
      const stamp = stampOf(req)
      return { callId: stamp.callId, headers: callerHeaders(req, stamp, trustProxy) }
    },
  })
}

function openStore({ store, dataDir, redisUrl }: Config): Promise<Store> {
  return store === 'redis' ? stores.redis(redisUrl) : stores.embedded(join(dataDir, 'skep.db'))
}

function openProvider(config: Config, log: Log): Promise<Provider> {
  if (config.provider === 'swarm') {
    return providers.swarm({ host: config.dockerHost, gateway: config.instance, network: config.dockerNetwork, log })
  }
  if (config.provider === 'docker') {
    const { instance: gateway, dockerNetwork: network, dockerReach: reach, dockerSpares: spares } = config
    return providers.docker({ host: config.dockerHost, gateway, network, reach, spares, self: ownContainer(), log })
  }
  const runtimesDir = fileURLToPath(new URL('../runtimes', import.meta.url))
  return providers.process({
    dataDir: join(config.dataDir, 'process'),
    runtimesDir,
    environment: config.environment,
    log,
  })
}

/** The container that the gateway runs in, if it does: Docker gives it its own id as host name. */
const ownContainer = (): string | undefined => (existsSync('/.dockerenv') ? hostname() : undefined)

/** The app as a plain listener; whatever fails in it, it answers by itself. */
function listener({ fetch }: { fetch: Parameters<typeof getRequestListener>[0] }): RequestListener {
  const answer = getRequestListener(fetch)
  return (req, res) => void answer(req, res)
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const hint = 'Free it, or choose others with SKEP_PORT, SKEP_HOST, SKEP_METRICS_PORT and SKEP_METRICS_HOST.'
      reject(new Error(`Cannot listen on ${host}:${port}: ${error.message}. ${hint}`))
    }
    server.once('error', fail)
    server.listen(port, host, () => resolve(urlOf(server.address() as AddressInfo)))
  })
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`

/** Once, and to a person: it is not part of the log. */
function tellPassword({ dataDir }: Config, password: string): void {
  process.stderr.write(`\nThe password of "admin" is ${password}\nIt is kept in ${join(dataDir, 'password')}\n\n`)
}

async function main(): Promise<void> {
  const config = readConfig()
  const log = jsonLog(config.logLevel)
  const stop = await startGateway(config, log)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second signal is from someone who does not want to wait.
      if (stopping) process.exit(1)
      stopping = true
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('stopping failed', { error: messageOf(error) })
          process.exit(1)
        },
      )
    })
  }
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`skep: ${messageOf(error)}\n`)
    process.exit(2)
  })
}
