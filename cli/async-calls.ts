import type { GatewayClient } from './gateway-client.ts'

/** A queued call as the gateway shows it. */
export interface CallStatus {
  readonly id: string
  readonly function: string
  readonly state: string
  readonly acceptedAt: string
  readonly attempt: number
  readonly reason?: string
}

/** Which calls; the gateway judges the values. */
export interface CallQuery {
  readonly id?: string | undefined
  readonly function?: string | undefined
  readonly state?: string | undefined
  /** A time, or how long ago: `90m`. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface CallChange extends CallQuery {
  readonly all?: boolean | undefined
  /** For retry: another function, or `hello@3` for one of its revisions. */
  readonly to?: string | undefined
}

/** Numbers by state, by function. */
export type CallCounts = Readonly<Record<string, Readonly<Record<string, number>>>>

export async function countCalls(gateway: GatewayClient): Promise<CallCounts> {
  return gateway.read('/system/async')
}

/** The newest first. */
export async function listCalls(gateway: GatewayClient, query: CallQuery, limit: number): Promise<CallStatus[]> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const search = new URLSearchParams([...given, ['limit', String(limit)]])
  return gateway.read(`/system/async/calls?${search.toString()}`)
}

/** All that the gateway knows of one call. */
export async function showCall(gateway: GatewayClient, id: string): Promise<unknown> {
  return gateway.read(`/system/async/calls/${encodeURIComponent(id)}`)
}

/** Resolves with how many calls were changed. */
export async function changeCalls(gateway: GatewayClient, action: string, change: CallChange): Promise<number> {
  const options = { method: 'POST', json: change }
  return (await gateway.read<{ changed: number }>(`/system/async/${action}`, options)).changed
}
