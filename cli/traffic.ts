import type { GatewayClient } from './gateway-client.ts'
import { bodyOf } from './http-request.ts'
import { revisionPath, type FunctionAddress } from './revisions.ts'

interface MirrorResult {
  readonly errors: number
  readonly p95Seconds: number
}

export interface MirrorStatus {
  readonly revision: number
  readonly percent: number
  readonly compared: number
  readonly different: number
  readonly skipped: number
  readonly originals: MirrorResult
  readonly copies: MirrorResult
}

export interface TrafficStatus {
  /** Percent by revision number. */
  readonly weights: Readonly<Record<string, number>>
  readonly mirror?: MirrorStatus
}

export async function readTraffic(gateway: GatewayClient, address: FunctionAddress): Promise<TrafficStatus> {
  return gateway.read(revisionPath('traffic', address))
}

/** What is left out stays as it is; no mirror is null. */
export async function changeTraffic(
  gateway: GatewayClient,
  address: FunctionAddress,
  json: { weights: Readonly<Record<string, number>> | undefined; mirror: object | null | undefined },
): Promise<void> {
  await bodyOf(await gateway.ask(revisionPath('traffic', address), { method: 'PUT', json }))
}
