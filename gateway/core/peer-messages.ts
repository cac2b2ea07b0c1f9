import { z } from 'zod'
import type { Replica as PlacedReplica } from './ports.ts'
import { SkepError, errorCodes, type ErrorCode } from './errors.ts'

const Amount = z.number().min(0)

/** How a revision is used through one gateway. */
const RevisionLoad = z.object({ demand: Amount, waiting: Amount, idleForMs: Amount, settling: z.boolean() })
export type RevisionLoad = z.infer<typeof RevisionLoad>

const TallyCounts = z.object({
  of: z.string(),
  requests: Amount,
  errors: Amount,
  durations: z.record(z.string(), Amount),
})

/** What each gateway says of itself, at every change that matters and at least once a second. */
const Report = z.object({
  kind: z.literal('report'),
  leads: z.boolean(),
  /** It says when it goes by a change. A gateway of an earlier Skep does not, and nobody waits for it. */
  confirms: z.boolean().default(false),
  /** By revision; those that were not used lately are left out. */
  loads: z.record(z.string(), RevisionLoad),
  /** By revision; of those whose calls are being judged. */
  tallies: z.record(z.string(), TallyCounts),
  /** Who leads: replicas that get no new requests, each with the number of its ticket. */
  shut: z.record(z.string(), z.int()),
  /** The tickets of those that this gateway has nothing in flight on. */
  free: z.array(z.int()),
  /** Who leads: replicas of each revision that an operator asked for by hand. */
  floors: z.record(z.string(), z.int()),
})
export type Report = z.infer<typeof Report>

const Failure = z.object({
  code: z.enum(errorCodes as readonly [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  hint: z.string().optional(),
  detail: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
})
export type Failure = z.infer<typeof Failure>

const Replica = z.object({
  id: z.string(),
  revision: z.string(),
  address: z.object({ host: z.string(), port: z.int() }),
  paused: z.boolean(),
  node: z.string().optional(),
})

const PeerMessage = z.discriminatedUnion('kind', [
  Report,
  /** This function's record in the store is another one now. */
  z.object({ kind: z.literal('changed'), id: z.string(), function: z.string() }),
  /** From now on its traffic goes as that record says. */
  z.object({ kind: z.literal('applied'), id: z.string() }),
  /** A replica answers: places tell of a new one only after a while. */
  z.object({ kind: z.literal('ready'), replica: Replica }),
  /** It takes no further call, though it runs: for whoever leads. */
  z.object({ kind: z.literal('spent'), revision: z.string(), replica: z.string() }),
  z.object({ kind: z.literal('start_failed'), revision: z.string(), failure: Failure }),
  /** For whoever leads. */
  z.object({ kind: z.literal('errand'), id: z.string(), verb: z.string(), args: z.unknown().optional() }),
  /** Of an errand: it is being done, and how it goes. */
  z.object({ kind: z.literal('progress'), id: z.string(), message: z.string().optional() }),
  z.object({ kind: z.literal('done'), id: z.string(), value: z.unknown().optional() }),
  z.object({ kind: z.literal('refused'), id: z.string(), failure: Failure }),
])
export type PeerMessage = z.infer<typeof PeerMessage>

/** Undefined where it is that of another version of Skep, or of something else on the same channel. */
export function messageFrom(text: string): PeerMessage | undefined {
  try {
    return PeerMessage.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // no JSON
  }
}

export const replicaFrom = ({ node, ...replica }: z.infer<typeof Replica>): PlacedReplica => ({
  ...replica,
  ...(node !== undefined && { node }),
})

export function failureOf({ code, message, hint, detail, retryAfterSeconds }: SkepError): Failure {
  return { code, message, hint, detail, retryAfterSeconds }
}

export function errorOf({ code, message, hint, detail, retryAfterSeconds }: Failure): SkepError {
  return new SkepError(code, message, {
    hint,
    ...(detail !== undefined && { detail }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
