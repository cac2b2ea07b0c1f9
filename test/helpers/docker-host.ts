import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { keptFolder, readEngine, type Engine } from '../lab/engine.ts'

/** Why the run has no engine, if it looked for one and has none. */
export const noDocker = process.env['SKEP_TEST_NO_DOCKER']

/** The engine that belongs to the tests. None: they use one that was there, or have none. */
export const ownEngine: Engine | undefined = findOwn()

/** Of the engine that tests may fill with networks, images and containers. None: see `needs('docker')`. */
export const dockerHost = process.env['SKEP_TEST_DOCKER_HOST'] ?? ownEngine?.dockerHost

function findOwn(): Engine | undefined {
  const folder = process.env['SKEP_TEST_ENGINE'] ?? keptFolder
  const isThere = !noDocker && existsSync(join(folder, 'engine.json'))
  return isThere ? readEngine(folder) : undefined
}
