import { asyncPolicyOf } from './async-policy.ts'
import type { AsyncPolicy } from './async-policy.ts'
import type { ProtocolName } from './protocol.ts'
import { inFlightTarget, scalePolicyOf, type ScalePolicy } from './scale-policy.ts'
import type { FunctionSpec } from './spec.ts'
import { monitorPolicyOf, type MonitorPolicy } from './service.ts'
import type { Sticky } from './sticky.ts'
import { parseDuration, parseSize } from './units.ts'
import { maxInflightOf, watchdogTimeoutMs } from './watchdog-settings.ts'

/** What a new replica is sent before any traffic. */
export interface WarmRequest {
  readonly method: string
  readonly target: string
}

/** The numbers that the gateway works with, read once per revision. */
export interface Policy extends ScalePolicy {
  /** In flight per replica that is never exceeded. */
  readonly concurrency: number
  /** Callers that may wait for a replica. */
  readonly waiting: number
  readonly idle: 'stop' | 'pause'
  readonly startTimeoutMs: number
  /** What requests have to end in once their revision lost the traffic. */
  readonly drainTimeoutMs: number
  /** 0: no limit. */
  readonly timeoutMs: number
  /** Infinity: no limit. */
  readonly maxBodyBytes: number
  readonly protocol?: ProtocolName
  readonly sticky?: Sticky | undefined
  readonly warm?: WarmRequest | undefined
  readonly async: AsyncPolicy
  /** It runs all the time, and is held when it cannot be kept running. */
  readonly service: boolean
  readonly monitor: MonitorPolicy | undefined
}

/** What holds for functions that say nothing else. */
export interface PolicyDefaults {
  readonly maxBodyBytes?: number
  readonly drainTimeoutMs?: number
}

export function policyOf(spec: FunctionSpec, defaults: PolicyDefaults = {}): Policy {
  const { maxBodyBytes = Infinity, drainTimeoutMs = 600_000 } = defaults
  const { scale } = spec
  const { protocol } = spec
  const scaling = scalePolicyOf(spec, protocol ? 1 : inFlightTarget)
  const concurrency = scale.concurrency ?? (protocol ? 1 : (maxInflightOf(spec) ?? 100))
  // Only a target of requests in flight says how many calls there is room for.
  const room = scaling.type === 'capacity' ? scaling.target : Math.min(concurrency, inFlightTarget)
  return {
    ...scaling,
    concurrency,
    waiting: scale.waiting ?? 1000,
    idle: scale.idle ?? 'stop',
    startTimeoutMs: milliseconds(scale['start-timeout'], 30_000),
    drainTimeoutMs: milliseconds(scale['drain-timeout'], drainTimeoutMs),
    timeoutMs: milliseconds(spec.timeout, Math.max(60_000, watchdogTimeoutMs(spec))),
    maxBodyBytes: spec.maxBody === undefined ? maxBodyBytes : (parseSize(spec.maxBody) ?? maxBodyBytes),
    protocol,
    sticky: spec.sticky,
    warm: warmRequestOf(spec.warm),
    async: asyncPolicyOf(spec, room * scaling.maxReplicas),
    service: spec.service ?? false,
    monitor: spec.monitor && monitorPolicyOf(spec.monitor),
  }
}

/** What a replica has to end in once it is told to: its requests were waited for already, so this is for stragglers. */
export function graceMsOf(spec: FunctionSpec, longestMs: number): number {
  const { timeoutMs, drainTimeoutMs } = policyOf(spec)
  return Math.min(timeoutMs || longestMs, drainTimeoutMs, longestMs)
}

function warmRequestOf(text: string | undefined): WarmRequest | undefined {
  const [method, target] = text?.split(' ') ?? []
  return method !== undefined && target !== undefined ? { method, target } : undefined
}

const milliseconds = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : (parseDuration(text) ?? otherwise)
