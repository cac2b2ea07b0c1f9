import { readFile } from 'node:fs/promises'
import { SkepError } from '../gateway/core/errors.ts'
import type { ContextFile } from './context-files.ts'
import { declared } from './platform-arguments.ts'

export interface ReadyContext {
  readonly files: readonly ContextFile[]
  readonly dockerfile: string
}

/** The files as an engine takes them, and their Dockerfile. */
export async function readyContext(name: string, files: readonly ContextFile[]): Promise<ReadyContext> {
  const found = files.find(({ path }) => path === 'Dockerfile')
  if (!found)
    throw new SkepError('invalid_request', `The function ${name} has no Dockerfile to build with.`, {
      hint: 'Put one into its folder, or name a template as its "lang".',
    })
  const dockerfile = declared(await readFile(found.source, 'utf8'))
  return { files: files.map((file) => (file === found ? { ...file, text: dockerfile } : file)), dockerfile }
}
