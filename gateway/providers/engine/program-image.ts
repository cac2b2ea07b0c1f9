import { Readable } from 'node:stream'
import { type Engine, unlessMissing } from './client.ts'
import { jsonLines } from './json-lines.ts'
import { label } from './labels.ts'
import { type Architecture, type Program, programFor } from './program.ts'
import { tarOf } from './tar.ts'

/** Puts the image of a program onto the engine, unless it is there; returns its name. */
export async function ensureProgram(engine: Engine, program: Program, architecture: Architecture): Promise<string> {
  const [repo, tag] = [`skep-${program}`, architecture]
  const here = await unlessMissing(engine.ask((docker) => docker.getImage(`${repo}:${tag}`).inspect()))
  if (!here) await importImage(engine, { repo, tag }, programFor(architecture, program))
  return `${repo}:${tag}`
}

async function importImage(engine: Engine, name: { repo: string; tag: string }, program: Buffer): Promise<void> {
  const changes = ['ENTRYPOINT ["/program"]', `LABEL ${label.role}=program`]
  const tar = Readable.from([tarOf([{ name: 'program', mode: '0755', content: program }])])
  const stream = await engine.ask((docker) => docker.importImage(tar, { ...name, changes }))
  for await (const { error } of jsonLines<{ error?: string }>(stream)) if (error) throw new Error(error)
}
