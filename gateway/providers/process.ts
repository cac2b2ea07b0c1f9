import { join } from 'node:path'
import { SkepError } from '../core/errors.ts'
import type { Log, Provider, Revision } from '../core/ports.ts'
import { adoptReplicas } from './process/adopt.ts'
import { Book } from './process/book.ts'
import { execBeside } from './process/exec.ts'
import { readLogs } from './process/lines.ts'
import { Ports } from './process/port.ts'
import { digestOf, prepareRevision } from './process/prepare.ts'
import { Replicas } from './process/replicas.ts'
import { SecretFiles } from './process/secrets.ts'
import { Shelf, type Prepared } from './process/shelf.ts'
import { usageOf } from './process/usage.ts'
import { watchReplicas } from './process/watch.ts'

export interface ProcessOptions {
  /** Where copies of handlers, logs and what is known of replicas are kept. */
  readonly dataDir: string
  /** The folder with the language servers. */
  readonly runtimesDir: string
  /** The gateway's own. Functions see PATH, LANG and TZ of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log?: Log
}

const silent: Log = { info() {}, warn() {}, error() {} }

/** Replicas are processes on this machine, of the gateway's own user and without walls between them. */
export async function processProvider(options: ProcessOptions): Promise<Provider> {
  if (process.platform !== 'linux') {
    throw new SkepError('not_supported', `The process provider needs Linux, not ${process.platform}.`, {
      hint: 'Use the docker provider: SKEP_PROVIDER=docker.',
    })
  }
  const { dataDir, log = silent } = options
  const tools = {
    ...options,
    replicasDir: join(dataDir, 'replicas'),
    ports: new Ports(),
    shelf: new Shelf(join(dataDir, 'revisions'), log),
    secrets: new SecretFiles(join(dataDir, 'secrets')),
  }
  const { shelf, secrets } = tools
  const book = new Book()
  const replicas = new Replicas(book, tools)
  await adoptReplicas(tools.replicasDir, shelf, book)
  const stopWatching = watchReplicas(book, replicas, log)
  log.warn('process provider: functions run as this user, without isolation')

  return {
    name: 'process',
    digestOf: (spec) => digestOf(tools, spec),
    prepare: (revision, progress) => prepareRevision(tools, revision, progress),
    revisions: async () => (await shelf.all()).map(({ revision }) => revision),
    scale: async (revision, wanted) => replicas.scale(await prepared(shelf, revision), wanted),
    replicas: async () => book.all.map(({ replica }) => replica),
    watch: (listener) => book.watch(listener),
    remove: async (revision) => {
      await replicas.endAll(revision)
      book.forget(revision.id)
      await shelf.remove(revision.id)
    },
    logs: (query) => readLogs(() => book.logs(query), query),
    retire: (replica) => replicas.retire(replica),
    pause: (replica) => replicas.pause(replica),
    resume: async (replica) => replicas.resume(replica),
    secrets,
    usage: async ({ id }) => {
      const running = book.find(id)
      return running && usageOf(running)
    },
    exec: async ({ id }, command, timeoutMs) => {
      const { environment } = options
      return execBeside(replicas.runningOf(id), command, { timeoutMs, environment })
    },
    build: async (build) => (await import('./process/upload.ts')).keepUpload(options.dataDir, build),
    close: async () => {
      stopWatching()
      replicas.close()
    },
  } satisfies Provider
}

async function prepared(shelf: Shelf, { id }: Revision): Promise<Prepared> {
  const found = await shelf.find(id)
  if (found) return found
  throw new SkepError('start_failed', `The revision ${id} is not prepared here.`, {
    hint: 'Deploy the function again.',
  })
}
