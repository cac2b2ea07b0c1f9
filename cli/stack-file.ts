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

/** The text of a file, or of what a URL answers. */
export async function readStackFile(cwd: string, file: string): Promise<string> {
  if (/^https?:\/\//.test(file)) return download(file)
  try {
    return await readFile(resolve(cwd, file), 'utf8')
  } catch (cause) {
    throw new SkepError('invalid_request', `The file ${file} cannot be read.`, {
      cause,
      hint: 'Name a stack file with -f; paths are relative to this folder.',
    })
  }
}

async function download(url: string): Promise<string> {
  const answer = await request(url, {})
  if (answer.statusCode === 200) return bodyOf(answer)
  throw new SkepError('invalid_request', `${url} answers ${answer.statusCode} instead of a stack file.`)
}
