import { asyncPolicyOf } from './async-policy.ts'
import type { AsyncPolicy } from './async-policy.ts'
import type { ProtocolName } from './protocol.ts'
import { scaleLabelsOf } from './scale.ts'
import type { FunctionSpec } from './spec.ts'
import { parseDuration, parseSize } from './units.ts'

/** What a new replica is sent before any traffic. */
export interface WarmRequest {
  readonly method: string
  readonly target: string
}

/** The numbers that the gateway works with, read once per revision. */
export interface Policy {
  readonly minReplicas: number
  readonly maxReplicas: number
  /** In flight per replica that scaling aims at. */
  readonly target: number
  /** In flight per replica that is never exceeded. */
  readonly concurrency: number
  /** Callers that may wait for a replica. */
  readonly waiting: number
  readonly idleMs: number
  readonly idle: 'stop' | 'pause'
  readonly startTimeoutMs: number
  /** What requests have to end in once their revision lost the traffic. */
  readonly drainTimeoutMs: number
  /** 0: no limit. */
  readonly timeoutMs: number
  /** Infinity: no limit. */
  readonly maxBodyBytes: number
  readonly protocol?: ProtocolName
  readonly warm?: WarmRequest | undefined
  readonly async: AsyncPolicy
}

/** What holds for functions that say nothing else. */
export interface PolicyDefaults {
  readonly maxBodyBytes?: number
  readonly drainTimeoutMs?: number
}

/**
 * The policy of a spec: its `scale` section first, then its OpenFaaS labels, then the defaults.
 * `com.openfaas.scale.zero: "false"` keeps one replica, as its users expect.
 */
export function policyOf(spec: FunctionSpec, defaults: PolicyDefaults = {}): Policy {
  const { maxBodyBytes = Infinity, drainTimeoutMs = 600_000 } = defaults
  const { scale } = spec
  const labels = scaleLabelsOf(spec.labels).data ?? {}
  const minReplicas = scale.min ?? (labels.zero === true ? 0 : (labels.min ?? (labels.zero === false ? 1 : 0)))
  const zeroDuration = scale['zero-duration'] ?? labels['zero-duration']
  const maxReplicas = Math.max(scale.max ?? labels.max ?? 5, minReplicas, 1)
  const { protocol } = spec
  const target = scale.target ?? labels.target ?? (protocol ? 1 : 10)
  return {
    minReplicas,
    maxReplicas,
    target,
    concurrency: scale.concurrency ?? (protocol ? 1 : 100),
    waiting: scale.waiting ?? 1000,
    idleMs: milliseconds(zeroDuration, 300_000),
    idle: scale.idle ?? 'stop',
    startTimeoutMs: milliseconds(scale['start-timeout'], 30_000),
    drainTimeoutMs: milliseconds(scale['drain-timeout'], drainTimeoutMs),
    timeoutMs: milliseconds(spec.timeout, 60_000),
    maxBodyBytes: spec.maxBody === undefined ? maxBodyBytes : (parseSize(spec.maxBody) ?? maxBodyBytes),
    protocol,
    warm: warmRequestOf(spec.warm),
    async: asyncPolicyOf(spec, target * maxReplicas),
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
