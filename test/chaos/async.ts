import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/until.ts'
import { openSite } from './async-site.ts'
import type { AsyncSite } from './async-site.ts'
import { seeded } from './random.ts'

export interface AsyncChaos {
  readonly queue: 'embedded' | 'redis'
  readonly calls: number
  readonly kills: number
  readonly seed: number
  readonly say: (text: string) => void
}

/** Of the calls that were answered with 202. */
export interface AsyncTally {
  readonly submitted: number
  readonly accepted: number
  readonly done: number
  readonly dead: number
  /** The function never saw them, and no dead letter tells of them. */
  readonly lost: number
  /** The function saw them more than once. */
  readonly duplicated: number
  /** Of those: the attempt did not rise from one time to the next. */
  readonly unmarked: number
}

const submitters = 32
const drainMs = 300_000

/** Submits calls at full speed while gateways and Redis are killed with -9, and counts what became of them. */
export async function asyncChaos(chaos: AsyncChaos): Promise<AsyncTally> {
  const site = await openSite(chaos.queue)
  try {
    const random = seeded(chaos.seed)
    const accepted = new Set<string>()
    const killing = killAtRandom(site, chaos, random, accepted)
    const submitted = await submit(site, chaos.calls, random, accepted)
    await killing
    chaos.say(`${accepted.size} accepted, all kills done; waiting for the queue to run empty`)
    const counts = await drained(site)
    return { submitted, accepted: accepted.size, ...counts, ...(await compare(site, accepted)) }
  } finally {
    await site.close()
  }
}

/** Resolves with how many were submitted until so many were accepted. */
async function submit(
  { gateways }: AsyncSite,
  calls: number,
  random: () => number,
  accepted: Set<string>,
): Promise<number> {
  let submitted = 0
  const submitter = async (): Promise<void> => {
    while (accepted.size < calls) {
      const id = `call-${String(++submitted).padStart(8, '0')}`
      const gateway = gateways[Math.floor(random() * gateways.length)]
      const init = { method: 'POST', headers: { 'X-Call-Id': id }, body: id }
      const answer = await fetch(`${gateway?.url}/async-function/witness`, init).catch(() => undefined)
      await answer?.arrayBuffer().catch(() => undefined)
      if (answer?.status === 202) accepted.add(id)
      else await sleep(20) // it is being killed
    }
  }
  await Promise.all(Array.from({ length: submitters }, submitter))
  return submitted
}

/** Kills at moments that the seed chooses, some while calls come in and some while they run. */
async function killAtRandom(
  site: AsyncSite,
  { calls, kills, say }: AsyncChaos,
  random: () => number,
  accepted: ReadonlySet<string>,
): Promise<void> {
  const moments = Array.from({ length: kills }, () => random() * 1.9 * calls).sort((a, b) => a - b)
  for (const moment of moments) {
    await until(async () => accepted.size + (await site.witnessedBytes()) / bytesPerLine >= moment, drainMs)
    const victim = site.victims[Math.floor(random() * site.victims.length)]
    say(
      `${accepted.size} accepted, ${Math.round((await site.witnessedBytes()) / bytesPerLine)} seen: killing ${victim?.name}`,
    )
    await victim?.crash()
  }
}

/** Waits until every call has come to its end, and counts the ends. */
async function drained({ gateways }: AsyncSite): Promise<{ done: number; dead: number }> {
  return until(async () => {
    const answer = await gateways[0]?.admin('GET', '/system/async').catch(() => undefined)
    if (!answer) return undefined
    const { witness } = (await answer.json()) as Record<string, Record<string, number>>
    const { waiting = 0, delayed = 0, running = 0, done = 0, dead = 0 } = witness ?? {}
    return waiting + delayed + running === 0 && { done, dead }
  }, drainMs) as Promise<{ done: number; dead: number }>
}

async function compare(site: AsyncSite, accepted: ReadonlySet<string>) {
  const seen = await site.witnessed()
  const repeated = [...seen].filter(([id, attempts]) => accepted.has(id) && attempts.length > 1)
  const unmarked = repeated.filter(([, attempts]) => new Set(attempts).size < attempts.length)
  const missing = [...accepted].filter((id) => !seen.has(id))
  const letters = await Promise.all(missing.map((id) => site.isDead(id)))
  const lost = letters.filter((dead) => !dead).length
  return { lost, duplicated: repeated.length, unmarked: unmarked.length }
}

/** `call-00000001 1` and its end. */
const bytesPerLine = 16
