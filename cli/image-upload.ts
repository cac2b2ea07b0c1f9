import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { GatewayClient } from './gateway-client.ts'
import { bodyOf } from './http-request.ts'
import { manifestTypes } from './registry.ts'
import type { SavedImage } from './saved-image.ts'

const types = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const

export interface Descriptor {
  readonly mediaType: string
  readonly size: number
  readonly digest: string
}

interface Target {
  readonly gateway: GatewayClient
  readonly repository: string
}

/** Brings an image into the registry behind a gateway; what is there already is not sent again. */
export async function uploadImage(
  target: Target & { readonly tag: string },
  image: SavedImage,
  tell: (percent: number) => void,
): Promise<Descriptor> {
  const layers: Descriptor[] = []
  for (const [index, layer] of image.layers.entries()) {
    tell(Math.floor((100 * index) / image.layers.length))
    layers.push(await uploadBlob(target, await compressed(layer), types.layer))
  }
  const config = await uploadBlob(target, image.config, types.config)
  return putManifest(target, types.manifest, { config, layers })
}

/** Puts images for several platforms under one name. */
export async function uploadList(
  target: Target & { readonly tag: string },
  parts: readonly { readonly platform: string; readonly image: Descriptor }[],
): Promise<void> {
  const manifests = parts.map(({ platform, image }) => {
    const [os, architecture, variant] = platform.split('/')
    return { ...image, platform: { os, architecture, ...(variant && { variant }) } }
  })
  await putManifest(target, types.list, { manifests })
}

/** What the registry has under a tag. */
export async function pushedManifest({
  gateway,
  repository,
  tag,
}: Target & { readonly tag: string }): Promise<Descriptor> {
  const headers = { Accept: manifestTypes.join(', ') }
  const answer = await gateway.ask(`/v2/${repository}/manifests/${tag}`, { headers })
  return descriptorOf(answer.headers['content-type'] ?? types.manifest, await bodyOf(answer))
}

async function putManifest(
  { gateway, repository, tag }: Target & { readonly tag: string },
  mediaType: string,
  content: object,
): Promise<Descriptor> {
  const body = JSON.stringify({ schemaVersion: 2, mediaType, ...content })
  const headers = { 'Content-Type': mediaType }
  await bodyOf(await gateway.ask(`/v2/${repository}/manifests/${tag}`, { method: 'PUT', headers, body }))
  return descriptorOf(mediaType, body)
}

const descriptorOf = (mediaType: string, manifest: string): Descriptor => ({
  mediaType,
  size: Buffer.byteLength(manifest),
  digest: `sha256:${createHash('sha256').update(manifest).digest('hex')}`,
})

async function uploadBlob({ gateway, repository }: Target, file: string, mediaType: string): Promise<Descriptor> {
  const { size } = await stat(file)
  const digest = await digestOf(file)
  const blobs = `/v2/${repository}/blobs`
  const isThere = await gateway.ask(`${blobs}/${digest}`, { method: 'HEAD' }).then(
    (answer) => answer.resume() !== undefined,
    () => false,
  )
  if (!isThere) {
    const begun = await gateway.ask(`${blobs}/uploads/`, { method: 'POST', body: '' })
    begun.resume()
    const place = begun.headers.location ?? ''
    const path = `${place}${place.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': size }
    await bodyOf(await gateway.ask(path, { method: 'PUT', headers, body: createReadStream(file) }))
  }
  return { mediaType, size, digest }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}

/** The same bytes for the same layer, so that its digest tells whether the registry has it. Newer engines have done it already. */
async function compressed(layer: string): Promise<string> {
  if (await isCompressed(layer)) return layer
  await pipeline(createReadStream(layer), createGzip(), createWriteStream(`${layer}.gz`))
  return `${layer}.gz`
}

async function isCompressed(layer: string): Promise<boolean> {
  const file = await open(layer)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.readUInt16BE() === 0x1f8b // how gzip begins
  } finally {
    await file.close()
  }
}
