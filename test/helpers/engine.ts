import type Docker from 'dockerode'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dockerAt, readEngine } from '../lab/engine.ts'
import { keptFolder } from '../lab/ground.ts'
import { provideImage } from '../lab/images.ts'
import type { BaseImage } from '../lab/recipes.ts'

/** The folder of the tests' own engine. None: the tests use an engine that was there, or have none. */
export const engineFolder =
  process.env['SKEP_TEST_ENGINE'] ?? (existsSync(join(keptFolder, 'engine.json')) ? keptFolder : undefined)

/** Of the engine that tests may fill with networks, images and containers. None: see `needs('docker')`. */
export const dockerHost = process.env['SKEP_TEST_DOCKER_HOST'] ?? (engineFolder && readEngine(engineFolder).dockerHost)

let client: Docker | undefined

/** A client of that engine. */
export function docker(): Docker {
  if (!dockerHost) throw new Error("No engine here: say `needs('docker')`.")
  return (client ??= dockerAt(dockerHost))
}

const images = new Map<BaseImage, Promise<string>>()

/** The tag of an image that needs no registry; it is made at the first call and stays in the engine. */
export function baseImage(name: BaseImage): Promise<string> {
  const image = images.get(name) ?? provideImage(docker(), name)
  images.set(name, image)
  return image
}
