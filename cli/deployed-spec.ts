import { defaultNamespace } from '../gateway/core/names.ts'
import type { FunctionStatus } from './gateway-api.ts'

/** Labels that gateways put on every function themselves. */
const ownLabels = ['faas_function', 'com.openfaas.function', 'com.openfaas.uid', 'function']

/** What a gateway shows of a function that is not what its user asked for. */
const notAsked = ['invocationCount', 'replicas', 'availableReplicas', 'createdAt', 'revision', 'usage']

export interface DeployedSpec {
  readonly name: string
  readonly namespace: string
  readonly process: string | undefined
  readonly environment: Readonly<Record<string, string>> | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly readOnlyRootFilesystem?: boolean
}

/** What was deployed, under the names of a spec: as much of it as the gateway tells, be it Skep's or another. */
export function deployedSpec({ envProcess, envVars, namespace, labels, ...status }: FunctionStatus): DeployedSpec {
  return {
    ...Object.fromEntries(Object.entries(status).filter(([key]) => !notAsked.includes(key))),
    name: status.name,
    namespace: namespace || defaultNamespace,
    process: envProcess,
    environment: envVars,
    labels: Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !ownLabels.includes(key))),
  }
}
