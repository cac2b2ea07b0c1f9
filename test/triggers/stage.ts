import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncPolicyOf } from '../../gateway/core/async-policy.ts'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Queue } from '../../gateway/core/queue.ts'
import type { TriggerContext } from '../../gateway/core/trigger.ts'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { queues } from '../../gateway/queues/index.ts'
import { asyncTrigger } from '../../gateway/triggers/async.ts'
import type { AsyncOptions } from '../../gateway/triggers/async.ts'
import { noLimits } from '../http/direct-edge.ts'
import { silentLog } from '../core/place.ts'

export interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface TestServer {
  readonly port: number
  readonly seen: Seen[]
  close(): Promise<void>
}

/** A real HTTP server that notes what it got before `answer` answers. */
export async function testServer(answer: (seen: Seen, res: ServerResponse) => void): Promise<TestServer> {
  const seen: Seen[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const one = { method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(chunks) }
      seen.push(one)
      answer(one, res)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close').catch(() => undefined)
    },
  }
}

export interface Stage {
  readonly queue: Queue
  readonly hello: TestServer
  /** What `hello` answers; 200 at first. */
  answer: (seen: Seen, res: ServerResponse) => void
  /** The `async` section of every function's spec. */
  policy: object
  start(options?: AsyncOptions): void
  stop(): Promise<void>
  close(): Promise<void>
}

/** An embedded queue, the trigger, and one function `hello` over real HTTP; other functions do not exist. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'skep-async-'))
  const queue = await queues.embedded(join(folder, 'queue.db'))
  const hello = await testServer((seen, res) => stage.answer(seen, res))
  const carrier = httpCarrier()
  let stop: (() => Promise<void>) | undefined
  const context: TriggerContext = {
    queue,
    log: silentLog,
    policyOf: () => asyncPolicyOf({ async: { 'min-wait': '1ms', ...stage.policy }, annotations: {} }, 10),
    invoke(invocation) {
      if (invocation.function !== 'hello') {
        return invocation.answer.fail(
          new SkepError('function_not_found', `There is no ${invocation.function}.`, { hint: undefined }),
        )
      }
      const address = { host: '127.0.0.1', port: hello.port }
      carrier.send(address, invocation, noLimits, (outcome) => {
        if (outcome.kind === 'failed' || outcome.kind === 'unsent') invocation.answer.fail(outcome.error)
      })
    },
  }
  const stage: Stage = {
    queue,
    hello,
    answer: (_, res) => void res.end('hello'),
    policy: {},
    start: (options) => void (stop = asyncTrigger(options).start(context)),
    stop: async () => {
      await stop?.()
      stop = undefined
    },
    async close() {
      await stage.stop()
      await queue.close()
      carrier.close()
      await hello.close()
      rmSync(folder, { recursive: true })
    },
  }
  return stage
}
