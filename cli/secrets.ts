import { SkepError } from '../gateway/core/errors.ts'
import type { GatewayClient } from './gateway-client.ts'
import { bodyOf } from './http-request.ts'
import { foundIn } from './namespaces.ts'

export interface SecretName {
  readonly name: string
  readonly namespace?: string | undefined
}

/** The text, and where it comes from a file its bytes in base64 too, as faas-cli sends them: a gateway takes the bytes. */
export interface SecretValue {
  readonly value: string
  readonly rawValue?: string
}

const path = '/system/secrets'

/** Names only: no gateway gives a value away. */
export async function listSecrets(gateway: GatewayClient, namespace?: string): Promise<SecretName[]> {
  const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`
  return foundIn(gateway, namespace, await gateway.read<SecretName[]>(path + query))
}

export async function makeSecret(gateway: GatewayClient, secret: SecretName & SecretValue): Promise<void> {
  await bodyOf(await gateway.ask(path, { method: 'POST', json: secret }))
}

export async function changeSecret(gateway: GatewayClient, secret: SecretName & SecretValue): Promise<void> {
  await bodyOf(await gateway.ask(path, { method: 'PUT', json: secret }))
}

/** Makes it, or changes it if it is there already; resolves with what it did. */
export async function setSecret(
  gateway: GatewayClient,
  secret: SecretName & SecretValue,
): Promise<'created' | 'updated'> {
  try {
    await makeSecret(gateway, secret)
    return 'created'
  } catch (error) {
    if (!(error instanceof SkepError) || error.status !== 409) throw error
    await changeSecret(gateway, secret)
    return 'updated'
  }
}

export async function removeSecret(gateway: GatewayClient, secret: SecretName): Promise<void> {
  await bodyOf(await gateway.ask(path, { method: 'DELETE', json: secret }))
}
