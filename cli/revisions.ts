import type { GatewayClient } from './gateway-client.ts'

export interface RevisionStatus {
  readonly number: number
  /** Percent of the traffic. */
  readonly weight: number
  readonly image: string
  /** What the image was when it was deployed. */
  readonly digest?: string
  /** Why it was deployed. */
  readonly message?: string
  /** Who deployed it. */
  readonly by?: string
  /** What was said last of it as a canary. */
  readonly canary?: string
  readonly createdAt: string
  readonly replicas: number
  readonly availableReplicas: number
  /** What was deployed. */
  readonly spec: object
}

export interface FunctionAddress {
  readonly name: string
  readonly namespace?: string | undefined
}

/** The newest first. */
export async function listRevisions(gateway: GatewayClient, address: FunctionAddress): Promise<RevisionStatus[]> {
  return gateway.read(revisionPath('revisions', address))
}

/** Resolves with the number of the revision that has the traffic now. */
export async function rollBack(gateway: GatewayClient, address: FunctionAddress, to?: number): Promise<number> {
  const options = { method: 'POST', json: { to } }
  return (await gateway.read<{ revision: number }>(revisionPath('rollback', address), options)).revision
}

export function revisionPath(what: string, { name, namespace }: FunctionAddress): string {
  const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`
  return `/system/${what}/${encodeURIComponent(name)}${query}`
}
