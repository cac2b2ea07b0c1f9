export const defaultNamespace = 'openfaas-fn'

/** `hello` in the default namespace, `hello.other` elsewhere: how a function is addressed and shown. */
export function functionKey({ name, namespace }: Readonly<{ name: string; namespace: string }>): string {
  return namespace === defaultNamespace ? name : `${name}.${namespace}`
}
