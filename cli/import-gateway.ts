import { defaultNamespace } from '../gateway/core/names.ts'
import { deployedSpec } from './deployed-spec.ts'
import type { FunctionStatus } from './gateway-api.ts'
import type { GatewayClient } from './gateway-client.ts'
import type { Imported } from './imported.ts'

/** What runs at a gateway, OpenFaaS' or another Skep's, as a stack file would ask for it. */
export async function importGateway(gateway: GatewayClient, namespace: string | undefined): Promise<Imported> {
  const statuses = await gateway.list(namespace)
  const secrets = [...new Set(statuses.flatMap((status) => status.secrets ?? []))].toSorted()
  const folders = statuses.filter(({ image }) => image.startsWith('dir:')).map(({ name }) => name)
  return {
    functions: Object.fromEntries(statuses.map((status) => [status.name, entryOf(status)])),
    templates: [],
    copy: [],
    notes: [
      ...secrets.map((secret) => `The secret ${secret} has to be made anew: "skep secret create ${secret}".`),
      ...folders.map(
        (name) => `${name} runs from a folder of its gateway's machine: it needs "lang" and "handler" here.`,
      ),
    ],
  }
}

function entryOf(status: FunctionStatus): object {
  const { name: _, process, namespace, readOnlyRootFilesystem, ...spec } = deployedSpec(status)
  // The runtime of a folder is its template's, which "lang" names.
  const given = Object.entries(spec).filter(([key, value]) => key !== 'runtime' && !isEmpty(value))
  return {
    ...Object.fromEntries(given),
    ...(process && { fprocess: process }),
    ...(namespace !== defaultNamespace && { namespace }),
    ...(readOnlyRootFilesystem && { readonly_root_filesystem: true }),
  }
}

const isEmpty = (value: unknown) =>
  value === undefined || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
