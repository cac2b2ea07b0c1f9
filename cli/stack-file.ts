import { access, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import { bodyOf, request } from './http-request.ts'

/** The stack file that is meant when none is named. */
export async function findStackFile(cwd: string): Promise<string | undefined> {
  for (const file of ['stack.yaml', 'stack.yml']) {
    if (
      await access(resolve(cwd, file)).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  return undefined
}

export const readStackFile = (cwd: string, file: string): Promise<string> =>
  readFileOrUrl(cwd, file, 'Name a stack file with -f; paths are relative to this folder.')

/** The text of a file, or of what a URL answers. */
export async function readFileOrUrl(cwd: string, file: string, hint: string): Promise<string> {
  if (/^https?:\/\//.test(file)) return download(file, hint)
  return readFile(resolve(cwd, file), 'utf8').catch((cause: unknown) => {
    throw new SkepError('invalid_request', `The file ${file} cannot be read.`, { cause, hint })
  })
}

async function download(url: string, hint: string): Promise<string> {
  const answer = await request(url, {})
  if (answer.statusCode === 200) return bodyOf(answer)
  answer.destroy()
  throw new SkepError('invalid_request', `${url} answers ${answer.statusCode}, and not with a file.`, { hint })
}
