import { buffer } from 'node:stream/consumers'
import type { Secret, SecretKeeper } from '../../core/ports.ts'
import { requireSecrets } from '../../core/secrets.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import { type ContainerSettings, type Engine, unlessMissing } from '../engine/client.ts'
import { secretFolders } from '../engine/container.ts'
import { having, label } from '../engine/labels.ts'
import { discard, type Place } from '../engine/place.ts'
import { isKnown } from '../engine/program.ts'
import { ensureProgram } from '../engine/program-image.ts'
import { containerName } from '../engine/survey.ts'
import { onlyFileOf, tarOf } from '../engine/tar.ts'

const folder = '/secret'
const file = 'value'

/**
 * Each value is the file in a volume of its own on the engine, so a gateway that loses its data still has them. A function
 * gets copies, in volumes that end with its container: of a volume only all of it can be shown to a container, and its
 * files belong into one folder.
 */
export class VolumeSecrets implements SecretKeeper {
  readonly #place: Place
  /** Read from the engine once, and again after `forget`. */
  readonly #values = new Map<string, Buffer>()

  constructor(place: Place) {
    this.#place = place
  }

  async list(): Promise<Secret[]> {
    const { engine, gateway } = this.#place
    const filters = having({ [label.gateway]: gateway, [label.role]: 'secret' })
    const { Volumes } = await engine.ask((docker) => docker.listVolumes({ filters }))
    // The engine says null for an empty list.
    return ((Volumes as typeof Volumes | null) ?? []).flatMap(({ Labels }) => {
      const { [label.secret]: name, [label.namespace]: namespace } = Labels
      return name && namespace ? [{ name, namespace }] : []
    })
  }

  async put(secret: Secret, value: Uint8Array): Promise<void> {
    const { engine, gateway } = this.#place
    const { name, namespace } = secret
    const Labels = {
      [label.gateway]: gateway,
      [label.role]: 'secret',
      [label.secret]: name,
      [label.namespace]: namespace,
    }
    await engine.ask((docker) => docker.createVolume({ Name: this.#volumeOf(secret), Labels }))
    const content = Buffer.from(value)
    await this.#through(secret, (container) =>
      write(engine, container, folder, [{ name: file, mode: '0600', content }]),
    )
    this.#values.set(this.#volumeOf(secret), content)
  }

  async remove(secret: Secret): Promise<void> {
    const volume = this.#volumeOf(secret)
    this.#values.delete(volume)
    await unlessMissing(this.#place.engine.ask((docker) => docker.getVolume(volume).remove()))
  }

  forget(secret: Secret): void {
    this.#values.delete(this.#volumeOf(secret))
  }

  /** Whoever led before may have changed any of them. */
  forgetAll(): void {
    this.#values.clear()
  }

  /** Writes a function's secrets into its container, which has not begun yet. */
  async giveTo(container: string, spec: FunctionSpec): Promise<void> {
    if (spec.secrets.length === 0) return
    requireSecrets(spec, await this.list(), 'start_failed')
    const names = [...new Set(spec.secrets)]
    const contents = await Promise.all(names.map((name) => this.#valueOf({ name, namespace: spec.namespace })))
    const files = names.flatMap((name, i) => ({ name, mode: '0444', content: contents[i] ?? Buffer.alloc(0) }))
    for (const path of secretFolders) await write(this.#place.engine, container, path, files)
  }

  /** No gateway's or function's name has this character, so no other volume has such a name. */
  #volumeOf({ name, namespace }: Secret): string {
    return `${this.#place.gateway}_secret_${name}.${namespace}`
  }

  async #valueOf(secret: Secret): Promise<Buffer> {
    const volume = this.#volumeOf(secret)
    const known = this.#values.get(volume)
    if (known) return known
    const value = await this.#through(secret, (container) => read(this.#place.engine, container))
    this.#values.set(volume, value)
    return value
  }

  /** Files of a volume are reached through a container that has it, and that need not run. */
  async #through<T>(secret: Secret, work: (container: string) => Promise<T>): Promise<T> {
    const { engine, gateway, making } = this.#place
    const architecture = (await this.#place.ground()).platform.replace('linux/', '')
    const Image = await ensureProgram(engine, 'pause', isKnown(architecture) ? architecture : 'amd64')
    const name = containerName(this.#place, `secret-${crypto.randomUUID().slice(0, 6)}`)
    const Labels = { [label.gateway]: gateway, [label.role]: 'secret' }
    const Mounts = [{ Type: 'volume' as const, Source: this.#volumeOf(secret), Target: folder }]
    making.add(name)
    try {
      await engine.ask((docker) =>
        docker.createContainer({ name, Image, Labels, HostConfig: { Mounts, NetworkMode: 'none' } }),
      )
      return await work(name)
    } finally {
      await discard(engine, name)
      making.delete(name)
    }
  }
}

/** The folders of a function's container that its secrets are written to: volumes, because its root may be read-only. */
export function secretMounts({ secrets }: FunctionSpec): NonNullable<ContainerSettings['HostConfig']>['Mounts'] {
  return secrets.length === 0 ? [] : secretFolders.map((Target) => ({ Type: 'volume', Source: '', Target }))
}

async function write(
  engine: Engine,
  container: string,
  path: string,
  files: Parameters<typeof tarOf>[0],
): Promise<void> {
  const tar = tarOf(files)
  await engine.ask((docker) => docker.getContainer(container).putArchive(tar, { path }))
}

async function read(engine: Engine, container: string): Promise<Buffer> {
  const path = `${folder}/${file}`
  return onlyFileOf(
    await engine.ask(async (docker) => buffer(await docker.getContainer(container).getArchive({ path }))),
  )
}
