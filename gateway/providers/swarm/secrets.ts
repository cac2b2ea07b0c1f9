import { SkepError } from '../../core/errors.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import { label } from '../engine/labels.ts'
import type { SwarmPlace } from './place.ts'

/** Where functions look for secrets: Skep's way and OpenFaaS's. */
const folders = ['/run/secrets', '/var/openfaas/secrets']

interface EngineSecret {
  readonly ID: string
  readonly CreatedAt: string
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> }
}

/** The secrets of a function as files, each in its newest version; rejects with the name of one that is missing. */
export async function secretsFor({ engine, gateway }: SwarmPlace, { name, secrets }: FunctionSpec) {
  if (secrets.length === 0) return []
  const all = (await engine.ask((docker) => docker.listSecrets())) as unknown as EngineSecret[]
  return secrets.flatMap((wanted) => {
    const newest = all
      .filter((secret) => nameOf(secret, gateway) === wanted)
      .toSorted((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))[0]
    if (!newest) throw noSecret(wanted, name)
    return folders.map((folder) => ({
      SecretID: newest.ID,
      SecretName: newest.Spec.Name,
      File: { Name: `${folder}/${wanted}`, UID: '0', GID: '0', Mode: 0o444 },
    }))
  })
}

/** A Swarm secret cannot be changed, so each of Skep's is one version of a name; a user's own has just its name. */
function nameOf({ Spec }: EngineSecret, gateway: string): string | undefined {
  const labels = Spec.Labels ?? {}
  if (labels[label.gateway] === undefined) return Spec.Name
  return labels[label.gateway] === gateway ? labels['skep.secret'] : undefined
}

const noSecret = (secret: string, name: string): SkepError =>
  new SkepError('invalid_request', `There is no secret "${secret}" for ${name}.`, {
    hint: `Make it first: \`docker secret create ${secret} FILE\`.`,
  })
