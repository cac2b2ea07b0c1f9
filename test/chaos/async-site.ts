import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'
import type { RedisServer } from '../helpers/redis.ts'

/** What can be killed, and comes back. */
export interface Victim {
  readonly name: string
  crash(): Promise<void>
}

export interface AsyncSite {
  readonly gateways: readonly TestGateway[]
  readonly victims: readonly Victim[]
  /** How much the function has written so far. */
  witnessedBytes(): Promise<number>
  /** The attempts at which the function saw each call. */
  witnessed(): Promise<Map<string, number[]>>
  /** Whether the call is a dead letter. */
  isDead(id: string): Promise<boolean>
  close(): Promise<void>
}

/** Gateways with one function that writes down what it sees: two gateways on one Redis, or one with the embedded queue. */
export async function openSite(queue: 'embedded' | 'redis'): Promise<AsyncSite> {
  const folder = await mkdtemp(join(tmpdir(), 'skep-chaos-'))
  const file = join(folder, 'witness')
  const redis = queue === 'redis' ? await startRedis('--appendonly', 'yes', '--appendfsync', 'always') : undefined
  const settings = { SKEP_QUEUE: queue, SKEP_LOG_LEVEL: 'info', ...(redis && { SKEP_REDIS_URL: redis.url }) }
  const gateways = await Promise.all(Array.from({ length: redis ? 2 : 1 }, () => TestGateway.start(settings)))
  for (const gateway of gateways) await gateway.admin('POST', '/system/functions', witness(file))
  return {
    gateways,
    victims: [...gateways.map(gatewayVictim), ...(redis ? [redisVictim(redis)] : [])],
    witnessedBytes: async () => (await stat(file).catch(() => undefined))?.size ?? 0,
    witnessed: async () => attemptsById(await readFile(file, 'utf8')),
    async isDead(id) {
      const answer = await fetch(`${gateways[0]?.url}/async-function/${id}`)
      return answer.ok && ((await answer.json()) as { state: string }).state === 'dead'
    },
    async close() {
      for (const gateway of gateways) {
        await gateway.admin('DELETE', '/system/functions', { functionName: 'witness' })
        await gateway.stop()
      }
      await redis?.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const witness = (file: string) => ({
  service: 'witness',
  image: `dir:${resolve('test/fixtures/functions/witness')}`,
  runtime: 'node',
  envVars: { WITNESS_FILE: file },
  scale: { max: 1 },
  // Every call that runs when its gateway is killed runs twice: few at a time keep that rare.
  async: { concurrency: 4, attempts: 50, 'min-wait': '50ms', 'max-wait': '1s' },
})

const gatewayVictim = (gateway: TestGateway, index: number): Victim => ({
  name: `gateway ${index + 1}`,
  async crash() {
    await gateway.kill('SIGKILL')
    await gateway.startAgain()
  },
})

const redisVictim = (redis: RedisServer): Victim => ({
  name: 'redis',
  async crash() {
    await redis.kill()
    await redis.start()
  },
})

function attemptsById(text: string): Map<string, number[]> {
  const seen = new Map<string, number[]>()
  for (const line of text.trimEnd().split('\n')) {
    const [id = '', attempt] = line.split(' ')
    seen.set(id, [...(seen.get(id) ?? []), Number(attempt)])
  }
  return seen
}
