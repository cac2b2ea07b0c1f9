import { mkdirSync, symlinkSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret, SecretKeeper } from '../../core/ports.ts'
import type { FunctionSpec } from '../../core/spec.ts'

/** Values as files that only this user can read, `<namespace>/<name>`. */
export class SecretFiles implements SecretKeeper {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async list(): Promise<Secret[]> {
    const namespaces = await namesIn(this.#folder)
    const found = namespaces.map(async (namespace) =>
      (await namesIn(join(this.#folder, namespace))).map((name) => ({ name, namespace })),
    )
    return (await Promise.all(found)).flat()
  }

  async put(secret: Secret, value: Uint8Array): Promise<void> {
    await mkdir(join(this.#folder, secret.namespace), { recursive: true, mode: 0o700 })
    // Begins with a dot, which no name does: whatever is listed is whole.
    const draft = join(this.#folder, `.${crypto.randomUUID()}`)
    try {
      await writeFile(draft, value, { mode: 0o600 })
      await rename(draft, this.#fileOf(secret))
    } finally {
      await rm(draft, { force: true })
    }
  }

  async remove(secret: Secret): Promise<void> {
    await rm(this.#fileOf(secret), { force: true })
  }

  /** Shows a function those that it asks for. Links, so that no copy stays anywhere. */
  linkInto(folder: string, { secrets, namespace }: FunctionSpec): void {
    if (secrets.length === 0) return
    mkdirSync(folder, { mode: 0o700 })
    for (const name of new Set(secrets)) symlinkSync(this.#fileOf({ name, namespace }), join(folder, name))
  }

  #fileOf({ name, namespace }: Secret): string {
    return join(this.#folder, namespace, name)
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'))
