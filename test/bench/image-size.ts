import { fileURLToPath } from 'node:url'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { buildTemplate } from '../helpers/runtime-image.ts'
import type { BaseImage } from '../lab/recipes.ts'

/** What the image of a new function is larger than its base image; undefined without the engine of the tests. */
export async function addedMiB(template: string, base: BaseImage): Promise<number | undefined> {
  if (!dockerHost) return undefined
  const folder = fileURLToPath(new URL(`../../templates/${template}/function`, import.meta.url))
  const image = await buildTemplate(template, folder, { BASE_IMAGE: base })
  return ((await sizeOf(image)) - (await sizeOf(await baseImage(base)))) / 1024 ** 2
}

const sizeOf = async (image: string): Promise<number> => (await docker().getImage(image).inspect()).Size
