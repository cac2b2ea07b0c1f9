import { Readable } from 'node:stream'
import { type Engine, unlessMissing } from './docker-client.ts'
import { jsonLines } from './docker-json-lines.ts'
import { label } from './docker-labels.ts'
import { type PauseArchitecture, pauseProgram } from './docker-pause.ts'
import { tarOfProgram } from './docker-tar.ts'

/** Puts the image of the pause program onto the engine, unless it is there; returns its name. */
export async function ensurePauseImage(engine: Engine, architecture: PauseArchitecture): Promise<string> {
  const name = `skep-pause:${architecture}`
  const here = await unlessMissing(engine.ask((docker) => docker.getImage(name).inspect()))
  if (!here) await importPause(engine, architecture, name)
  return name
}

async function importPause(engine: Engine, architecture: PauseArchitecture, name: string): Promise<void> {
  const [repo, tag] = name.split(':')
  const changes = ['ENTRYPOINT ["/pause"]', `LABEL ${label.role}=holder`]
  const tar = Readable.from([tarOfProgram('pause', pauseProgram(architecture))])
  const stream = await engine.ask((docker) => docker.importImage(tar, { repo, tag, changes }))
  for await (const { error } of jsonLines<{ error?: string }>(stream)) if (error) throw new Error(error)
}
