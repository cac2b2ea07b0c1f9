import Docker from 'dockerode'
import { connection } from '../lab/docker-host.ts'
import { provideImage } from '../lab/images.ts'
import type { BaseImage } from '../lab/recipes.ts'
import { dockerHost } from './docker-host.ts'

let client: Docker | undefined

/** A client of that engine. */
export function docker(): Docker {
  if (!dockerHost) throw new Error("No engine here: say `needs('docker')`.")
  return (client ??= new Docker(connection(dockerHost)))
}

const images = new Map<BaseImage, Promise<string>>()

/** The tag of an image that needs no registry; it is made at the first call and stays in the engine. */
export function baseImage(name: BaseImage): Promise<string> {
  const image = images.get(name) ?? provideImage(docker(), name)
  images.set(name, image)
  return image
}
