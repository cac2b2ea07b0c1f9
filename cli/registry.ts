import { messageOf, SkepError } from '../gateway/core/errors.ts'
import { registryOf } from '../gateway/core/registry.ts'
import { splitImage } from './image-name.ts'
import { authorizationFor, type Login } from './registry-login.ts'

export interface PlatformPart {
  readonly platform: string
  /** Its image in the same repository, which was pushed. */
  readonly image: string
}

const listType = 'application/vnd.docker.distribution.manifest.list.v2+json'
/** Of an image for one platform: engines write either. */
export const manifestTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
]

/** Puts a list of images for several platforms, all of one repository, under one name: each engine takes its own. */
export async function pushList(image: string, parts: readonly PlatformPart[], login: Login): Promise<void> {
  const { registry, repository, tag } = addressOf(image)
  const ask = asking(`${await urlOf(registry, login)}/v2/${repository}/manifests`, login)
  const manifests = await Promise.all(
    parts.map(async (part) => {
      const answer = await ask(`/${addressOf(part.image).tag}`, { headers: { Accept: manifestTypes.join(', ') } })
      const digest = answer.headers.get('Docker-Content-Digest') ?? ''
      const mediaType = answer.headers.get('Content-Type') ?? manifestTypes[0]
      const [os, architecture, variant] = part.platform.split('/')
      const { byteLength: size } = await answer.arrayBuffer()
      return { mediaType, size, digest, platform: { os, architecture, ...(variant && { variant }) } }
    }),
  )
  await ask(`/${tag}`, {
    method: 'PUT',
    headers: { 'Content-Type': listType },
    body: JSON.stringify({ schemaVersion: 2, mediaType: listType, manifests }),
  })
}

interface Sent {
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

type Ask = (path: string, init: Sent) => Promise<Response>

/** Requests to one place of a registry. It says how to log in with its first 401. */
function asking(place: string, login: Login): Ask {
  let authorization: string | undefined
  const send = async (path: string, init: Sent) => {
    const headers = { ...init.headers, ...(authorization !== undefined && { Authorization: authorization }) }
    return fetch(place + path, { ...init, headers }).catch((cause: unknown) =>
      Promise.reject(unreachable(place, cause)),
    )
  }
  return async (path, init) => {
    let answer = await send(path, init)
    const challenge = answer.headers.get('WWW-Authenticate')
    if (answer.status === 401 && challenge !== null) {
      authorization = await authorizationFor(challenge, login)
      answer = await send(path, init)
    }
    if (answer.ok) return answer
    const said = (await answer.text()).slice(0, 200)
    throw new SkepError('push_failed', `${place}${path} answers ${answer.status}: ${said}`, {
      hint: 'Log in with "docker login" as somebody who may push there; its log may say more.',
    })
  }
}

const unreachable = (place: string, cause: unknown) =>
  new SkepError('push_failed', `${place} does not answer (${messageOf((cause as Error).cause ?? cause)}).`, {
    cause,
    hint: 'Is the registry running, and is its address right?',
  })

function addressOf(image: string): { registry: string; repository: string; tag: string } {
  const { name, tag } = splitImage(image)
  const registry = registryOf(image)
  if (!registry.startsWith('https:')) return { registry, repository: name.slice(registry.length + 1), tag }
  const path = name.replace(/^docker\.io\//, '')
  return { registry: 'registry-1.docker.io', repository: path.includes('/') ? path : `library/${path}`, tag }
}

/** Plain HTTP is for registries of this machine, as with engines, and for those that know nothing else and no password. */
async function urlOf(registry: string, login: Login): Promise<string> {
  if (/^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(registry)) return `http://${registry}`
  const speaksTls = login.username !== undefined || (await fetch(`https://${registry}/v2/`).then(yes, isNotPlain))
  return `${speaksTls ? 'https' : 'http'}://${registry}`
}

const yes = () => true

const isNotPlain = (error: unknown) =>
  !/wrong version number|packet length too long/i.test(messageOf((error as Error).cause))
