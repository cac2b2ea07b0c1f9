import type { Secret, SecretKeeper } from '../../core/ports.ts'
import { requireSecrets } from '../../core/secrets.ts'
import { SkepError } from '../../core/errors.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import { isRefusal, unlessMissing, unlessRefused } from '../engine/client.ts'
import { secretFolders } from '../engine/container.ts'
import { having, label } from '../engine/labels.ts'
import type { SwarmPlace } from './place.ts'
import { shortName } from './short-name.ts'

const versionLabel = 'skep.version'

interface EngineSecret {
  readonly ID: string
  readonly CreatedAt: string
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> }
}

/** A secret as the task of a service gets it. */
export interface SecretFile {
  readonly SecretID: string
  readonly SecretName: string
  readonly File: { readonly Name: string; readonly UID: string; readonly GID: string; readonly Mode: number }
}

/** A Swarm's secret cannot be changed: each of them is one version of a secret of Skep, and the newest is its value. */
export class SwarmSecrets implements SecretKeeper {
  readonly #place: SwarmPlace
  /** Versions that had a successor while something still used them. */
  readonly #superseded = new Set<string>()

  constructor(place: SwarmPlace) {
    this.#place = place
  }

  async list(): Promise<Secret[]> {
    const found = (await this.#all()).flatMap((secret) => this.#secretOf(secret) ?? [])
    return [...new Map(found.map((secret) => [`${secret.name}.${secret.namespace}`, secret])).values()]
  }

  async put(secret: Secret, value: Uint8Array): Promise<void> {
    const earlier = await this.#versionsOf(secret)
    const version = 1 + Math.max(0, ...earlier.map(versionOf))
    const { engine, gateway } = this.#place
    const Labels = {
      [label.gateway]: gateway,
      [label.role]: 'secret',
      [label.secret]: secret.name,
      [label.namespace]: secret.namespace,
      [versionLabel]: String(version),
    }
    // No gateway's name has this character, so no other one makes such a name.
    const Name = shortName(`${gateway}_${secret.name}.${secret.namespace}_${version}`)
    const Data = Buffer.from(value).toString('base64')
    try {
      await engine.ask((docker) => docker.createSecret({ Name, Labels, Data }))
    } catch (error) {
      if (isRefusal(error, 409)) throw changedMeanwhile(secret)
      throw error
    }
    for (const { ID } of earlier) this.#superseded.add(ID)
    await this.tidy()
  }

  async remove(secret: Secret): Promise<void> {
    const { engine } = this.#place
    for (const { ID } of await this.#versionsOf(secret)) {
      await unlessMissing(engine.ask((docker) => docker.getSecret(ID).remove()))
    }
  }

  /** Removes old versions that nothing uses any more. */
  async tidy(): Promise<void> {
    const { engine } = this.#place
    for (const id of this.#superseded) {
      const removed = unlessMissing(engine.ask((docker) => docker.getSecret(id).remove())).then(() => true)
      if (await unlessRefused(removed, 400)) this.#superseded.delete(id) // refused: a service has it
    }
  }

  /** Rejects where one is missing that the function asks for. */
  async check(spec: FunctionSpec): Promise<void> {
    if (spec.secrets.length > 0) await this.filesFor(spec, 'invalid_request')
  }

  /** The secrets of a function as files, each in its newest version. */
  async filesFor(spec: FunctionSpec, code: 'invalid_request' | 'start_failed' = 'start_failed'): Promise<SecretFile[]> {
    if (spec.secrets.length === 0) return []
    const { namespace } = spec
    const newest = new Map(
      (await this.#all())
        .flatMap((secret) => {
          const known = this.#secretOf(secret) ?? foreign(secret, namespace)
          return known?.namespace === namespace ? [{ ...known, secret }] : []
        })
        .toSorted((a, b) => versionOf(a.secret) - versionOf(b.secret))
        .map((found) => [found.name, found]),
    )
    requireSecrets(spec, [...newest.values()], code)
    const asked = [...newest.values()].filter(({ name }) => spec.secrets.includes(name))
    return asked.flatMap(({ name, secret }) => {
      const file = { UID: '0', GID: '0', Mode: 0o444 }
      return secretFolders.map((folder) => ({
        SecretID: secret.ID,
        SecretName: secret.Spec.Name,
        File: { ...file, Name: `${folder}/${name}` },
      }))
    })
  }

  async #versionsOf({ name, namespace }: Secret): Promise<EngineSecret[]> {
    const { engine, gateway } = this.#place
    const labels = { [label.gateway]: gateway, [label.secret]: name, [label.namespace]: namespace }
    const filters = having(labels)
    return (await engine.ask((docker) => docker.listSecrets({ filters }))) as unknown as EngineSecret[]
  }

  async #all(): Promise<EngineSecret[]> {
    return (await this.#place.engine.ask((docker) => docker.listSecrets())) as unknown as EngineSecret[]
  }

  #secretOf({ Spec: { Labels = {} } }: EngineSecret): Secret | undefined {
    const { [label.secret]: name, [label.namespace]: namespace } = Labels
    return name && namespace && Labels[label.gateway] === this.#place.gateway ? { name, namespace } : undefined
  }
}

/** One that a user made with `docker secret create`: functions of every namespace may ask for it. */
function foreign({ Spec: { Name, Labels = {} } }: EngineSecret, namespace: string): Secret | undefined {
  return Labels[label.gateway] === undefined ? { name: Name, namespace } : undefined
}

/** A user's own counts as older than any of Skep's. */
const versionOf = ({ Spec }: EngineSecret): number => Number(Spec.Labels?.[versionLabel] ?? 0)

const changedMeanwhile = ({ name }: Secret): SkepError =>
  new SkepError('conflict', `Another gateway has changed the secret "${name}" at the same time.`, {
    hint: 'Look who it was, then do it again.',
  })
