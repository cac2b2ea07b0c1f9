import { existsSync } from 'node:fs'
import Docker from 'dockerode'
import { messageOf } from '../../gateway/core/errors.ts'
import { install, mayInstall, programs } from './debian.ts'
import { answers, connection } from './docker-host.ts'
import { keptFolder, stopEngine } from './engine.ts'
import { provideImage } from './images.ts'
import { privateEngine, removeOwned } from './private-engine.ts'
import { findProgram } from './shell.ts'

/** What the tests stand on; its environment tells them. What was made for this run ends with it. */
export interface Ground extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>
}

/** Tells how far it is, one line a step. */
export type Say = (line: string) => void

/** `always`: leave the engine for the next run; `never`: remove one that was left. */
export type Keep = 'always' | 'as found' | 'never'

/** Installs and starts what the tests need where that is allowed, and else takes what is there. */
export async function prepareGround(say: Say, keep: Keep): Promise<Ground> {
  try {
    if (mayInstall) {
      await installMissing(say)
      return await privateGround(say, keep)
    }
  } catch (error) {
    if (process.env['CI']) throw error
    say(`Docker engine: cannot start one here. ${messageOf(error)}`)
  }
  return foundGround(say)
}

async function installMissing(say: Say): Promise<void> {
  const missing = programs.filter((program) => !findProgram(program))
  if (missing.length === 0) return
  const seconds = stopwatch()
  say(`Debian packages: installing ${missing.join(', ')} …`)
  await install(missing)
  say(`Debian packages: installed in ${seconds()} s`)
}

async function privateGround(say: Say, keep: Keep): Promise<Ground> {
  const seconds = stopwatch()
  const { folder, dockerHost } = await privateEngine(keep === 'always')
  say(`Docker engine: ${dockerHost} … ${seconds()} s`)
  const end = async () => {
    if (keep === 'never' && existsSync(keptFolder)) await stopEngine(keptFolder)
    await removeOwned()
  }
  try {
    await prepareImages(say, dockerHost)
    const environment = { SKEP_TEST_DOCKER_HOST: dockerHost, SKEP_TEST_ENGINE: folder, SKEP_TEST_RUN: `${process.pid}` }
    return { environment, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Nothing may be made here, so nothing has to be ended. */
async function foundGround(say: Say): Promise<Ground> {
  const ground = (environment: Ground['environment']) => ({ environment, [Symbol.asyncDispose]: async () => undefined })
  const without = (reason: string) => {
    say(`Docker engine: none to use, ${reason}`)
    return ground({ SKEP_TEST_NO_DOCKER: reason })
  }
  const dockerHost = await findEngine()
  if (!dockerHost) return without('no engine answers, and only root on Debian may install one')
  say(`Docker engine: ${dockerHost}, which was there`)
  try {
    await prepareImages(say, dockerHost)
    return ground({ SKEP_TEST_DOCKER_HOST: dockerHost })
  } catch (error) {
    return without(`the base images cannot be made here: ${messageOf(error)}`)
  }
}

async function findEngine(): Promise<string | undefined> {
  for (const dockerHost of [process.env['DOCKER_HOST'], 'unix:///var/run/docker.sock']) {
    if (dockerHost && (await answers(dockerHost))) return dockerHost
  }
  return undefined
}

async function prepareImages(say: Say, dockerHost: string): Promise<void> {
  const docker = new Docker(connection(dockerHost))
  for (const name of ['busybox', 'node'] as const) {
    const seconds = stopwatch()
    await provideImage(docker, name)
    say(`Base images: ${name} … ${seconds()} s`)
  }
}

function stopwatch(): () => string {
  const start = performance.now()
  return () => ((performance.now() - start) / 1000).toFixed(1)
}
