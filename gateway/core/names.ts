import { z } from 'zod'

/** A DNS label: Swarm services and containers are found by this name. */
const namePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
export const FunctionName = z.string().regex(namePattern, 'use 1 to 63 of a-z, 0-9 and dashes, no dash at the ends')

export const SecretName = z
  .string()
  .regex(
    /^[A-Za-z0-9]([-._A-Za-z0-9]{0,98}[A-Za-z0-9])?$/,
    'use 1 to 100 letters, digits, dashes, dots and underscores',
  )

export const defaultNamespace = 'openfaas-fn'

/** `hello` in the default namespace, `hello.other` elsewhere: how a function is addressed and shown. */
export function functionKey({ name, namespace }: Readonly<{ name: string; namespace: string }>): string {
  return namespace === defaultNamespace ? name : `${name}.${namespace}`
}
