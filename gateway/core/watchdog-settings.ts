import type { FunctionSpec } from './spec.ts'
import { parseDuration } from './units.ts'

/** What a watchdog of OpenFaaS cuts at by itself, unless its image says otherwise. */
const ownLimitMs = 30_000
const names = ['read_timeout', 'write_timeout', 'exec_timeout'] as const

type Spec = Pick<FunctionSpec, 'environment' | 'timeout'>

/** How long an answer may take by what the spec tells a watchdog; 0 when it tells it nothing. */
export function watchdogTimeoutMs({ environment }: Spec): number {
  return Math.max(0, ...names.map((name) => parseDuration(environment[name] ?? '') ?? 0))
}

/** One number is enough: a longer `timeout` is told to the watchdog as well. A shorter one the gateway keeps itself. */
export function watchdogTimeouts({ timeout = '' }: Spec): Record<string, string> {
  const ms = parseDuration(timeout) ?? 0
  return ms > ownLimitMs ? Object.fromEntries(names.map((name) => [name, `${ms / 1000}s`])) : {}
}

/** A watchdog answers 429 beyond its `max_inflight`: callers wait for a free place instead. */
export function maxInflightOf({ environment }: Spec): number | undefined {
  const limit = environment['max_inflight']
  return limit !== undefined && /^[1-9]\d{0,5}$/.test(limit) ? Number(limit) : undefined
}
