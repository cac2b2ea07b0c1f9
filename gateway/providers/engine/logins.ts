import { type FindLogin, registryOf } from '../../core/registry.ts'

/** As far as it says which image it is about. */
export interface EngineRequest {
  readonly path: string
  readonly options?: unknown
}

/** The image that a request makes an engine speak to a registry for: pulls, pushes, questions, and services, whose nodes pull. */
export function imageOf({ path, options }: EngineRequest): string | undefined {
  const asked = /^\/distribution\/(.+)\/json|^\/images\/(.+)\/push/.exec(path)?.slice(1).find(Boolean)
  if (asked !== undefined) return decodeURIComponent(asked)
  const { fromImage, TaskTemplate } = (options ?? {}) as {
    fromImage?: string
    TaskTemplate?: { ContainerSpec?: { Image?: string } }
  }
  if (path.startsWith('/images/create')) return fromImage
  return path.startsWith('/services/') ? TaskTemplate?.ContainerSpec?.Image : undefined
}

/** The login for the image's registry, as dockerode takes it. */
export async function loginFor(image: string, logins: FindLogin) {
  const registry = registryOf(image)
  const login = await logins(registry)
  return login && { ...login, serveraddress: registry }
}
