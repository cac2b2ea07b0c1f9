import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, mayInstall, programs } from './debian.ts'
import { dockerAt, readEngine, startEngine, stopEngine } from './engine.ts'
import { provideImage } from './images.ts'
import { findProgram } from './shell.ts'

/** What the tests stand on. `environment` tells them, `end` removes what was made for this run. */
export interface Ground {
  readonly environment: Readonly<Record<string, string>>
  end(): Promise<void>
}

/** Tells how far it is, one line a step. */
export type Say = (line: string) => void

// Not /tmp: that may be memory, and images are large.
const home = '/var/tmp'
/** Where the engine is that SKEP_TEST_KEEP=1 leaves for the next run. */
export const keptFolder = join(home, 'skep-test-kept')

/** Installs and starts what the tests need where that is allowed, and else takes what is there. */
export async function prepareGround(say: Say, keep: string | undefined): Promise<Ground> {
  if (mayInstall) await installMissing(say)
  const folder = mayInstall ? await privateEngine(say, keep === '1') : undefined
  const dockerHost = folder ? readEngine(folder).dockerHost : await findEngine()
  if (!dockerHost) {
    say('Docker engine: none')
    return { environment: {}, end: async () => undefined }
  }
  say(`Docker engine: ${dockerHost}`)
  const leave = !folder || (folder === keptFolder && keep !== '0')
  const end = async () => (leave ? undefined : stopEngine(folder))
  try {
    await prepareImages(say, dockerHost)
    return { environment: { SKEP_TEST_DOCKER_HOST: dockerHost, ...(folder ? { SKEP_TEST_ENGINE: folder } : {}) }, end }
  } catch (error) {
    await end()
    throw error
  }
}

async function installMissing(say: Say): Promise<void> {
  const missing = programs.filter((program) => !findProgram(program))
  if (missing.length === 0) return
  const seconds = stopwatch()
  say(`Debian packages: installing ${missing.join(', ')} …`)
  await install(missing)
  say(`Debian packages: installed in ${seconds()} s`)
}

async function privateEngine(say: Say, keep: boolean): Promise<string> {
  await removeOrphans(say)
  if (existsSync(join(keptFolder, 'engine.json'))) {
    if (await answers(readEngine(keptFolder).dockerHost)) return keptFolder
    await stopEngine(keptFolder)
  }
  const seconds = stopwatch()
  const folder = keep ? keptFolder : mkdtempSync(join(home, 'skep-test-'))
  await startEngine(folder)
  writeFileSync(join(folder, 'owner'), String(process.pid))
  say(`Docker engine: started in ${seconds()} s`)
  return folder
}

/** A run that was killed could not take its engine away. */
async function removeOrphans(say: Say): Promise<void> {
  const folders = readdirSync(home).filter((name) => /^skep-test-\w{6}$/.test(name))
  for (const folder of folders.map((name) => join(home, name))) {
    const owner = join(folder, 'owner')
    if (!existsSync(owner) || existsSync(`/proc/${readFileSync(owner, 'utf8')}`)) continue
    say(`Docker engine: removing the one in ${folder}, which a killed run has left`)
    await stopEngine(folder)
  }
}

async function findEngine(): Promise<string | undefined> {
  for (const dockerHost of [process.env['DOCKER_HOST'], 'unix:///var/run/docker.sock']) {
    if (dockerHost && (await answers(dockerHost))) return dockerHost
  }
  return undefined
}

async function answers(dockerHost: string): Promise<boolean> {
  const ping = dockerAt(dockerHost, { timeout: 3000 }).ping()
  return ping.then(Boolean, () => false)
}

async function prepareImages(say: Say, dockerHost: string): Promise<void> {
  for (const name of ['busybox', 'node'] as const) {
    const seconds = stopwatch()
    await provideImage(dockerAt(dockerHost), name)
    say(`Base images: ${name} … ${seconds()} s`)
  }
}

function stopwatch(): () => string {
  const start = performance.now()
  return () => ((performance.now() - start) / 1000).toFixed(1)
}
