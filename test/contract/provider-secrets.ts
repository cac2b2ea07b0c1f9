import { describe, expect, it } from 'vitest'
import type { Replica, Secret, SecretKeeper } from '../../gateway/core/ports.ts'
import { askSoon, type Site } from './provider-site.ts'

/** Where a function finds a secret: in the folder that SECRETS_DIR names, and where there are walls at OpenFaaS's place too. */
export function describeSecrets(site: () => Site): void {
  describe('secrets', () => {
    /** A new one; the place is new for each provider, so nothing needs to be removed. */
    const make = async (value: string | Buffer, namespace = 'openfaas-fn'): Promise<Secret> => {
      const secret = { name: `s.${crypto.randomUUID()}`, namespace }
      await keeper().put(secret, Buffer.from(value))
      return secret
    }
    const keeper = (): SecretKeeper => {
      const { secrets } = site().provider
      if (!secrets) throw new Error('This provider has no secrets.')
      return secrets
    }
    const listed = async (secret: Secret): Promise<Secret[]> =>
      (await keeper().list()).filter(({ name }) => name === secret.name)

    it('are files of their value, byte by byte, for the functions that name them and for no other', async () => {
      const { run, replicaOf } = site()
      const value = 'zwölf "Boxer"\n\u0000\n'
      const [own, other] = [await make(value), await make('of somebody else')]
      const replica = await replicaOf(await run('probe', { secrets: [own.name] }))
      for (const folder of await foldersOf(replica)) {
        expect(await read(replica, `${folder}/${own.name}`)).toBe(value)
        expect(await read(replica, `${folder}/${other.name}`)).toContain('ENOENT')
      }
    })

    it('can be read by a function whose file system cannot be written', async () => {
      const { run, replicaOf } = site()
      const { name } = await make('still there')
      const replica = await replicaOf(await run('probe', { secrets: [name], readOnlyRootFilesystem: true }))
      for (const folder of await foldersOf(replica))
        expect(await read(replica, `${folder}/${name}`)).toBe('still there')
    })

    it('are told by their names, also to the next gateway, and new replicas get the newest value', async () => {
      const { run, replicaOf, reopen, letGo } = site()
      const secret = await make('the first')
      const made = await run('probe', { secrets: [secret.name] }, 0)
      await keeper().put(secret, Buffer.from('the second'))
      await letGo()
      const provider = await reopen()
      expect(await listed(secret)).toEqual([secret])
      await provider.scale(made, 1)
      const replica = await replicaOf(made)
      for (const folder of await foldersOf(replica))
        expect(await read(replica, `${folder}/${secret.name}`)).toBe('the second')
    })

    it('of one name are kept apart by namespace', async () => {
      const { run, replicaOf } = site()
      const here = await make('here')
      const there = { ...here, namespace: 'other' }
      await keeper().put(there, Buffer.from('there'))
      expect(await listed(here)).toEqual(expect.arrayContaining([here, there]))
      const replica = await replicaOf(await run('probe', { secrets: [here.name], namespace: 'other' }))
      const [folder] = await foldersOf(replica)
      expect(await read(replica, `${folder}/${here.name}`)).toBe('there')
      await keeper().remove(here)
      expect(await listed(here)).toEqual([there])
    })

    it('are gone when they are removed: no deploy finds them, and no start of an earlier revision', async () => {
      const { provider, revision } = site()
      const secret = await make('soon gone')
      const asked = { secrets: [secret.name] }
      const early = revision('probe', asked)
      await provider.prepare(early, () => {})
      await keeper().put(secret, Buffer.from('in two versions'))
      await keeper().remove(secret)
      await keeper().remove(secret)
      expect(await listed(secret)).toEqual([])
      const late = provider.prepare(revision('probe', asked), () => {})
      await expect(late).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining(secret.name),
      })
      await expect(provider.scale(early, 1)).rejects.toMatchObject({
        code: 'start_failed',
        message: expect.stringContaining(secret.name),
      })
    })
  })
}

/** SECRETS_DIR, and OpenFaaS's place where a function has a root of its own. */
async function foldersOf(replica: Replica): Promise<string[]> {
  const { SECRETS_DIR = '' } = JSON.parse(await askSoon(replica, '/environment')) as Record<string, string>
  return SECRETS_DIR === '/run/secrets' ? [SECRETS_DIR, '/var/openfaas/secrets'] : [SECRETS_DIR]
}

const read = (replica: Replica, file: string): Promise<string> =>
  askSoon(replica, `/read?text=${encodeURIComponent(file)}`)
