import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers } from './docker-host.ts'
import { planNetwork } from './network.ts'
import { engineHome, keptFolder, readEngine, startEngine, stopEngine, type Engine } from './engine.ts'

/** The engine that an earlier run has kept, if it still answers, or a new one, to be `kept` or not. */
export async function privateEngine(kept: boolean): Promise<Engine> {
  await removeOwned()
  if (existsSync(join(keptFolder, 'engine.json'))) {
    const engine = readEngine(keptFolder)
    if (await answers(engine.dockerHost)) return engine
    await stopEngine(keptFolder)
  }
  return startEngine(kept ? keptFolder : ownedFolder(), await planNetwork())
}

/** A new folder for an engine of this run; if the run cannot remove it, the next one does. */
export function ownedFolder(): string {
  const folder = mkdtempSync(join(engineHome, 'skep-test-'))
  writeFileSync(join(folder, 'owner'), process.env['SKEP_TEST_RUN'] ?? String(process.pid))
  return folder
}

/** Removes the engines of this run, also of its tests if they were interrupted, and of runs that were killed. */
export async function removeOwned(): Promise<void> {
  const folders = readdirSync(engineHome).filter((name) => /^skep-test-\w{6}$/.test(name))
  await Promise.all(
    folders
      .map((name) => join(engineHome, name))
      .filter(isOver)
      .map(stopEngine),
  )
}

function isOver(folder: string): boolean {
  if (!existsSync(join(folder, 'owner'))) return false // it is being made just now
  const owner = readFileSync(join(folder, 'owner'), 'utf8')
  return owner === String(process.pid) || !existsSync(`/proc/${owner}`)
}
