import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Revision } from '../../gateway/core/ports.ts'
import type { SkepError } from '../../gateway/core/errors.ts'
import { useSite } from '../contract/provider-site.ts'
import { docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { type Registry, startRegistry } from '../helpers/registry.ts'
import { dockerGround, functionImage } from './docker-ground.ts'
import { smallImage } from './docker-images.ts'

describe('docker: images', needs('docker', 'registry'), () => {
  const site = useSite('docker', () => dockerGround())
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(async () => registry.stop())

  /** An image that is only in the registry, and says `text`. */
  const pushed = async (name: string, text: string): Promise<string> => {
    const local = await smallImage(name, [`CMD echo ${text}; sleep 1000`])
    const remote = await registry.push(docker(), local)
    await docker().getImage(local).remove()
    return remote
  }
  /** Where the registry keeps what the tag means now, by its digest. */
  const manifestUrl = async (image: string): Promise<string> => {
    const manifests = `${registry.url}/v2/${image.split('/').slice(1).join('/').replace(/:.*/, '/manifests/')}`
    const accept = 'application/vnd.docker.distribution.manifest.v2+json'
    const { headers } = await fetch(`${manifests}local`, { method: 'HEAD', headers: { accept } })
    return manifests + headers.get('docker-content-digest')
  }
  const refusal = async (image: string): Promise<SkepError> => {
    const { provider, revision } = site()
    return provider
      .prepare(revision('probe', { image }), () => {})
      .then(
        () => expect.fail(`${image} was not refused`),
        (error: unknown) => error as SkepError,
      )
  }

  it('are pulled when they are not there, and it says so', async () => {
    const { provider, revision, replicasOf } = site()
    const made = revision('probe', { image: await pushed('pulled', 'hello') })
    const said: string[] = []
    await provider.prepare(made, (sentence) => said.push(sentence))
    expect(said[0]).toBe(`Pulling ${made.spec.image} …`)
    await provider.scale(made, 1)
    expect(await replicasOf(made)).toHaveLength(1)
  })

  it('may be named by their digest', async () => {
    const { run, replicasOf } = site()
    const image = await pushed('by-digest', 'hello')
    const digest = (await manifestUrl(image)).split('/').at(-1)
    const made = await run('probe', { image: `${image.replace(/:local$/, '')}@${digest}` })
    expect(await replicasOf(made)).toHaveLength(1)
  })

  it('are looked up again when their tag has moved, while the revisions before keep theirs', async () => {
    const { provider, revision } = site()
    const made = revision('probe', { image: await pushed('moving', 'one') })
    const digest = (): Promise<string | undefined> => Promise.resolve(provider.digestOf?.(made.spec, () => {}))
    const first = { ...made, digest: await digest() }
    await provider.prepare(first, () => {})
    expect(await digest()).toBe(first.digest)
    expect(await pushed('moving', 'two')).toBe(first.spec.image)
    const again = revision('probe', { name: first.spec.name, image: first.spec.image }, 2)
    const second = { ...again, digest: await digest() }
    expect(second.digest).not.toBe(first.digest)
    await provider.prepare(second, () => {})
    await provider.prepare(first, () => {}) // as a gateway does that starts again
    for (const made of [first, second]) await provider.scale(made, 1)
    await expect.poll(() => wordsOf(first.id)).toContain('one')
    await expect.poll(() => wordsOf(second.id)).toContain('two')
  })

  it('are taken as they are when the registry has other ones of that name and has never known these', async () => {
    const { provider, revision } = site()
    const image = await pushed('foreign-name', 'one')
    const made = revision('probe', { image })
    const digest = (): Promise<string | undefined> => Promise.resolve(provider.digestOf?.(made.spec, () => {}))
    const first = await digest()
    // As where images are kept in containerd: one that was built here has a digest, and its name may be another's elsewhere.
    const repo = image.replace(/:local$/, '')
    await docker().getImage(image).tag({ repo, tag: 'kept' })
    await fetch(await manifestUrl(image), { method: 'DELETE' })
    await pushed('foreign-name', 'two')
    await docker().getImage(`${repo}:kept`).tag({ repo, tag: 'local' })
    expect((await docker().getImage(image).inspect()).RepoDigests).not.toEqual([])
    expect(await digest()).toBe(first)
  })

  it('are taken as they are when the registry does not answer', async () => {
    const away = await startRegistry()
    const image = await away.push(docker(), await smallImage('left-behind', ['CMD sleep 1000']))
    const { provider, revision, run } = site()
    await run('probe', { image }, 0)
    await away.stop()
    const said: string[] = []
    const made = revision('probe', { image })
    await provider.prepare(made, (sentence) => said.push(sentence))
    expect(said.at(-1)).toMatch(/does not answer the engine. The one that is here is used.$/)
  })

  it('are refused when the registry has none, or does not answer', async () => {
    const image = `${registry.host}/nobody/nothing:1`
    expect(await refusal(image)).toMatchObject({ code: 'invalid_request', message: `There is no image ${image}.` })
    expect(await refusal('127.0.0.1:1/nobody/nothing:1')).toMatchObject({
      code: 'provider_unavailable',
      message: 'The registry of 127.0.0.1:1/nobody/nothing:1 does not answer the engine.',
    })
  })

  it('stay when the engine is tidied up, and go with their revision', async () => {
    const { provider, run } = site()
    const mark = 'skep.test.tidied=yes'
    const image = await smallImage('tidied', ['CMD sleep 1000', `LABEL ${mark}`])
    const made = await run('probe', { image }, 0)
    await docker().getImage(image).remove()
    await docker().pruneImages({ filters: { label: [mark] } })
    await provider.scale(made, 1)
    await provider.remove(made)
    const left = await docker().listImages({ filters: { label: [mark] } })
    expect(left).toEqual([])
  })

  it('that the gateway has brought go with the last revision that needs them', async () => {
    const { provider, revision } = site()
    const image = await pushed('brought', 'hello')
    const digest = await provider.digestOf?.(revision('probe', { image }).spec, () => {})
    const [first, second] = [1, 2].map((number) => ({
      ...revision('probe', { image, name: 'brought' }, number),
      digest,
    }))
    for (const made of [first, second]) await provider.prepare(made as Revision, () => {})
    await provider.remove(first as Revision)
    expect(await isThere(image)).toBe(true)
    await provider.remove(second as Revision)
    expect([await isThere(image), await isThere(digest ?? '')]).toEqual([false, false])
  })

  it('that were there before, or that a container of somebody else uses, stay', async () => {
    const { provider, revision } = site()
    const local = await smallImage('was-there', ['CMD sleep 1000'])
    const used = await pushed('used', 'hello')
    for (const image of [local, used]) {
      const { spec } = revision('probe', { image })
      const made = { ...revision('probe', { image }), digest: await provider.digestOf?.(spec, () => {}) }
      await provider.prepare(made, () => {})
      const container = await docker().createContainer({ Image: image })
      if (image === local) await container.remove()
      await provider.remove(made)
      expect(await isThere(image)).toBe(true)
      if (image === used) await container.remove()
    }
  })

  it('that somebody removed are named when a replica cannot start without', async () => {
    const { provider, revision } = site()
    const made = revision('probe', { image: await functionImage('probe') })
    await provider.prepare(made, () => {})
    const [pin] = await docker().listImages({ filters: { reference: [`*/${made.function}`] } })
    await docker()
      .getImage(pin?.RepoTags?.find((tag) => tag.includes(made.function)) ?? '')
      .remove()
    await expect(provider.scale(made, 1)).rejects.toMatchObject({
      code: 'start_failed',
      message: `The image ${made.spec.image} of ${made.function} was removed from the engine.`,
      hint: 'Deploy it again.',
    })
  })

  it('are what a function needs that the process provider ran before: it is told so at its first call', async () => {
    const { provider, revision } = site()
    const made = revision('probe', { image: 'dir:/home/me/hello' })
    await expect(provider.scale(made, 1)).rejects.toMatchObject({
      code: 'start_failed',
      message: 'The docker provider runs images, not folders such as /home/me/hello.',
    })
  })

  const wordsOf = async (revision: string): Promise<string> => {
    const filters = { label: [`skep.revision=${revision}`] }
    const [container] = await docker().listContainers({ filters })
    return String(
      await docker()
        .getContainer(container?.Id ?? '')
        .logs({ stdout: true }),
    )
  }
})

const isThere = (image: string): Promise<boolean> =>
  docker()
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    )
