import { SkepError } from '../../gateway/core/errors.ts'
import { countCalls } from '../async-calls.ts'
import type { GatewayClient } from '../gateway-client.ts'
import { bodyOf } from '../http-request.ts'
import { fail, looked, ok, warn, type Finding } from './check.ts'

export interface GatewayFindings {
  readonly findings: readonly Finding[]
  /** Where it runs functions; undefined when it does not say. */
  readonly place: string | undefined
}

/** The gateway, the login to it, and what it stands on. */
export async function gatewayFindings(gateway: GatewayClient): Promise<GatewayFindings> {
  const began = Date.now()
  const answer = await gateway
    .call('/healthz', { signal: AbortSignal.timeout(5000) })
    .catch((error: unknown) => String(error))
  if (typeof answer === 'string') return alone(notThere(gateway.url))
  await bodyOf(answer)
  const reached = ok('gateway', `answers at ${gateway.url}`)
  const clock = clockFinding(answer.headers.date, began, Date.now())
  const info = await gateway.info().catch((error: unknown) => error)
  if (info instanceof SkepError || !isInfo(info)) return alone(reached, clock, noLogin(gateway.url, info))
  const login = ok('login', `accepted; Skep ${info.version.release}, ${info.provider.orchestration} on ${info.arch}`)
  const behind = await Promise.all([
    looked('queue', () => queueFinding(gateway)),
    looked('store', () => storeFinding(gateway)),
  ])
  return { findings: [reached, login, clock, ...behind], place: info.provider.orchestration }
}

const alone = (...findings: Finding[]): GatewayFindings => ({ findings, place: undefined })

type Info = Awaited<ReturnType<GatewayClient['info']>>
const isInfo = (value: unknown): value is Info => typeof value === 'object' && value !== null && 'provider' in value

const notThere = (url: string) =>
  fail('gateway', `Nothing answers at ${url}.`, 'npm start; or name it with --gateway or OPENFAAS_URL')

const noLogin = (url: string, error: unknown) =>
  fail('login', error instanceof Error ? error.message : 'It is no gateway.', `skep login --gateway ${url}`)

/** Due times of asynchronous calls and the age of log lines are told by two clocks. */
export function clockFinding(date: string | undefined, sentMs: number, gotMs: number): Finding {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs))
    return warn('clock', 'The gateway does not tell its time.', 'Look at what stands between it and here.')
  // The header has whole seconds: all within that second and the time on the way is right.
  const early = sentMs - (theirs + 1000)
  const late = theirs - gotMs
  const offSeconds = Math.round(Math.max(early, late, 0) / 1000)
  if (offSeconds < 2) return ok('clock', 'the same here and at the gateway')
  return warn(
    'clock',
    `It differs by ${offSeconds} s from the gateway’s.`,
    'timedatectl set-ntp true, on both machines',
  )
}

async function queueFinding(gateway: GatewayClient): Promise<Finding> {
  const counts = Object.values(await countCalls(gateway))
  const dead = counts.reduce((sum, { dead: one = 0 }) => sum + one, 0)
  if (dead === 0) return ok('queue', 'answers; no dead letters')
  return warn('queue', `${dead} dead letters.`, 'skep async list --state dead')
}

/** Namespaces are what a gateway reads from its store, whatever it runs functions on. */
async function storeFinding(gateway: GatewayClient): Promise<Finding> {
  await bodyOf(await gateway.ask('/system/namespaces', { signal: AbortSignal.timeout(5000) }))
  return ok('store', 'answers')
}
