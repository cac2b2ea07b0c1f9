import { SkepError } from '../gateway/core/errors.ts'

/** What of a gateway is needed here. */
interface Reader {
  read<T>(path: string): Promise<T>
}

export async function listNamespaces(gateway: Reader): Promise<string[]> {
  return gateway.read('/system/namespaces')
}

/** What was found in a namespace. Gateways answer with nothing for one that does not exist, which is a slip of the hand. */
export async function foundIn<T>(gateway: Reader, namespace: string | undefined, found: T[]): Promise<T[]> {
  if (found.length > 0 || !namespace) return found
  const known = await listNamespaces(gateway).catch((): string[] => []) // not every gateway of OpenFaaS can say
  if (known.length === 0 || known.includes(namespace)) return found
  throw new SkepError('not_found', `There is no namespace "${namespace}".`, { hint: '`skep namespaces` lists them.' })
}
