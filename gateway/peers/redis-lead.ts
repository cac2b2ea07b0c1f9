import type { Connection } from '../redis/connection.ts'
import { script } from '../redis/script.ts'

const key = '{skep}:peers:lead'
/** Without a sign of life for so long, another gateway leads. */
const leadMs = 2500
/** Who leads knows this long before, at the latest, that it does not any more. */
const marginMs = 1000

const take = script(`
  -- Takes the lead if nobody has it, and prolongs it if it is one's own.
  -- KEYS: lead. ARGV: who asks, for how many ms. Returns who has it, and for how many ms.
  local leader = redis.call('GET', KEYS[1])
  if not leader or leader == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return { ARGV[1], tonumber(ARGV[2]) }
  end
  return { leader, redis.call('PTTL', KEYS[1]) }`)

const giveUp = script(`
  -- Ends one's own lead, never another's.
  -- KEYS: lead. ARGV: whose. Returns nothing.
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`)

/** The right to lead, which one gateway at a time has. */
export class RedisLead {
  readonly #connection: Connection
  readonly #self: string
  /** Until when another gateway may believe that it leads, even if Redis has lost all its data meanwhile. */
  #othersUntil = 0

  constructor(connection: Connection, self: string) {
    this.#connection = connection
    this.#self = self
  }

  /** Whether this gateway leads. */
  async take(): Promise<boolean> {
    const [leader, ms] = (await this.#connection.use((redis) => take(redis, [key], [this.#self, leadMs]))) as [
      Buffer,
      number,
    ]
    const now = performance.now()
    if (String(leader) === this.#self) return now >= this.#othersUntil
    this.#othersUntil = now + ms - marginMs
    return false
  }

  /** The one that led has said that it does no more. */
  vacant(): void {
    this.#othersUntil = 0
  }

  async giveUp(): Promise<void> {
    await this.#connection.use((redis) => giveUp(redis, [key], [this.#self]))
  }
}
