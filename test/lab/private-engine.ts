import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers } from './docker-host.ts'
import { planNetwork } from './network.ts'
import { engineHome, keptFolder, readEngine, startEngine, stopEngine, type Engine } from './engine.ts'

/** The engine that an earlier run has kept, if it still answers, or a new one, to be `kept` or not. */
export async function privateEngine(kept: boolean): Promise<Engine> {
  await removeOrphans()
  if (existsSync(join(keptFolder, 'engine.json'))) {
    const engine = readEngine(keptFolder)
    if (await answers(engine.dockerHost)) return engine
    await stopEngine(keptFolder)
  }
  return startEngine(kept ? keptFolder : ownedFolder(), await planNetwork())
}

/** A new folder for engines that end with this process; if it cannot end them, the next run does. */
export function ownedFolder(): string {
  const folder = mkdtempSync(join(engineHome, 'skep-test-'))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  return folder
}

/** A run that was killed could not take its engines away. */
async function removeOrphans(): Promise<void> {
  const folders = readdirSync(engineHome).filter((name) => /^skep-test-\w{6}$/.test(name))
  for (const folder of folders.map((name) => join(engineHome, name))) {
    const owner = join(folder, 'owner')
    if (existsSync(owner) && !existsSync(`/proc/${readFileSync(owner, 'utf8')}`)) await stopEngine(folder)
  }
}
