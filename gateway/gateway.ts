import { createServer } from 'node:http'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import type { Config } from './config.ts'
import type { Log } from './core/ports.ts'
import { Records } from './core/records.ts'
import { Skep } from './core/skep.ts'
import { Tokens } from './core/tokens.ts'
import { asyncAdminRoutes } from './dialects/async-admin.ts'
import { namespaceRoutes } from './dialects/namespaces.ts'
import { buildRoutes } from './dialects/builds.ts'
import { nodeRoutes } from './dialects/nodes.ts'
import { asyncResultRoutes } from './dialects/async-result.ts'
import { openfaasRoutes } from './dialects/openfaas.ts'
import { registryLoginRoutes } from './dialects/registry-logins.ts'
import { revisionRoutes } from './dialects/revisions.ts'
import { secretRoutes } from './dialects/secrets.ts'
import { storeFileRoutes } from './dialects/store-files.ts'
import { tokenRoutes } from './dialects/tokens.ts'
import { adminApp, metricsApp } from './http/app.ts'
import { asyncPath } from './http/async-path.ts'
import { httpCarrier } from './http/carrier.ts'
import { admission } from './http/auth.ts'
import { credentialCheck, loadCredentials } from './http/credentials.ts'
import { listen, listener } from './http/listen.ts'
import { publishedPorts } from './http/published-ports.ts'
import { edge } from './http/server.ts'
import { registryPath } from './http/registry-path.ts'
import { registryLogins } from './registry-logins.ts'
import { translatingCarrier } from './protocols/carrier.ts'
import { openBuilder, openPeers, openProvider, openQueue, openStore } from './implementations.ts'
import { withAccessLog } from './telemetry/access-log.ts'
import { metrics } from './telemetry/metrics.ts'
import { asyncTrigger } from './triggers/async.ts'
import { callbackGuard } from './triggers/callback-guard.ts'
import { callbackUrl } from './triggers/callback.ts'

/** What is in flight may take this long to end when the gateway stops. */
const stopGraceMs = 30_000

/** Opens the implementations, ties them together and listens. Resolves with the way to stop it. */
export async function startGateway(config: Config, log: Log): Promise<() => Promise<void>> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const credentials = await loadCredentials(config.secretsDir, config.dataDir)
  const isRight = credentialCheck(credentials)
  const store = await openStore(config)
  const logins = registryLogins({ store, credentials, ownsRegistry: config.registryUrl !== undefined })
  const provider = await openProvider(config, log, logins.find)
  const carrier = translatingCarrier(httpCarrier())
  const {
    observer: counter,
    onRequest,
    scrape,
  } = metrics({
    loads: () => skep.loads(),
    depth: () => queue.depth(),
    usages: () => skep.usages(),
  })
  const observer = config.accessLog ? withAccessLog(counter, log) : counter
  const { maxBodyBytes, drainTimeoutMs, keepRevisions, trustProxy } = config
  const skep = new Skep({
    provider,
    carrier,
    log,
    observer,
    maxBodyBytes,
    drainTimeoutMs,
    keepRevisions,
    store,
    queueDepth: () => queue.depth(),
    records: new Records(store),
    peers: await openPeers(config, log),
  })
  await skep.start()
  const queue = await openQueue(config, log)
  const stopAsync = asyncTrigger(config).start({
    queue,
    log,
    invoke: (invocation) => skep.invoke(invocation),
    policyOf: (key) => skep.find(key)?.pool.policy.async,
  })

  const tokens = new Tokens(store)
  const admit = admission({ isRight, findToken: (token) => tokens.find(token) })
  const app = adminApp({
    open: [asyncResultRoutes(queue), storeFileRoutes(config.catalogueDir)],
    dialects: [
      openfaasRoutes(skep, packageJson.version, log),
      revisionRoutes(skep),
      nodeRoutes(skep),
      secretRoutes(skep),
      tokenRoutes(tokens),
      namespaceRoutes(skep),
      buildRoutes(await openBuilder(config, provider), log),
      registryLoginRoutes(logins),
      asyncAdminRoutes(skep, queue),
    ],
    admit,
    scrape,
    onRequest,
    log,
  })
  const maySeeDetail = ({ headers }: { headers: { authorization?: string } }): boolean => isRight(headers.authorization)
  const guard = callbackGuard(config.callbackAllow)
  const enqueue = asyncPath({
    skep,
    queue,
    checkCallback: (url) => void callbackUrl(url, guard),
    maxBodyBytes: config.asyncMaxBodyBytes,
    trustProxy,
  })
  const { registryUrl } = config
  const registry = registryUrl === undefined ? undefined : registryPath({ url: registryUrl, admit })
  const front = edge({ invoker: skep, trustProxy, maySeeDetail, enqueue, registry, app: listener(app) })
  const published = publishedPorts({ host: config.host, invoker: skep, list: () => skep.publishedPorts(), log })
  const scraped = createServer(listener(metricsApp(scrape)))
  const url = await listen(front.server, config.host, config.port)
  const metricsUrl = await listen(scraped, config.metricsHost, config.metricsPort)
  log.info('gateway started', { url, metricsUrl, provider: provider.name, store: config.store, data: config.dataDir })
  if (credentials.generated) tellPassword(config, credentials.password)

  return async () => {
    log.info('gateway stops', { graceSeconds: stopGraceMs / 1000 })
    scraped.close()
    published.close()
    await Promise.all([front.close(stopGraceMs), stopAsync()])
    await skep.close()
    carrier.close()
    await provider.close()
    await queue.close()
    await store.close()
  }
}

/** Once, and to a person: it is not part of the log. */
function tellPassword({ dataDir }: Config, password: string): void {
  process.stderr.write(`\nThe password of "admin" is ${password}\nIt is kept in ${join(dataDir, 'password')}\n\n`)
}
