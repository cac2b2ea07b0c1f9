import { defaultNamespace } from '../gateway/core/names.ts'
import type { FunctionSpec } from '../gateway/core/spec.ts'

/** A spec as the body of a deploy: OpenFaaS' names for its fields, Skep's own beside them; what is empty is left out. */
export function deploymentOf(spec: FunctionSpec): Record<string, unknown> {
  const { name, process, environment, namespace, service, ...others } = spec
  const body = {
    service: name,
    supervised: service,
    envProcess: process,
    envVars: environment,
    namespace: namespace === defaultNamespace ? undefined : namespace,
    ...others,
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === false) return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
