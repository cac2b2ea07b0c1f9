import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Document, isMap, parseDocument, type YAMLMap } from 'yaml'
import { SkepError } from '../gateway/core/errors.ts'
import type { Template } from './template.ts'

export interface NewFunction {
  readonly name: string
  readonly template: Template
  readonly cwd: string
  /** Where the handler goes, relative to `cwd`. */
  readonly handler: string
  readonly image: string
  readonly gateway: string
  readonly limits: Readonly<Record<string, string>>
  readonly requests: Readonly<Record<string, string>>
}

/** Writes `NAME.yml`, or adds to the file that is given, and copies the template's handler. Nothing is overwritten. */
export async function writeFunction(wanted: NewFunction, append: string | undefined): Promise<string> {
  const { name, template, cwd, handler } = wanted
  const file = append ?? `${name}.yml`
  const target = resolve(cwd, handler)
  for (const path of append === undefined ? [resolve(cwd, file), target] : [target]) {
    if (existsSync(path)) throw taken(path)
  }
  const text = append === undefined ? stackFile(wanted) : await appended(wanted, append)
  await cp(join(template.folder, template.handler_folder), target, { recursive: true })
  await writeFile(resolve(cwd, file), text)
  return file
}

const taken = (path: string) =>
  new SkepError('invalid_request', `${path} is there already; nothing was written.`, {
    hint: 'Choose another name, or add to a stack file with --append FILE.',
  })

function stackFile(wanted: NewFunction): string {
  return new Document(
    {
      version: '1.0',
      provider: { name: 'openfaas', gateway: wanted.gateway },
      functions: { [wanted.name]: entryOf(wanted) },
    },
    { schema: 'failsafe' },
  ).toString()
}

function entryOf({ template, handler, image, limits, requests }: NewFunction) {
  const some = (map: object) => (Object.keys(map).length > 0 ? map : undefined)
  return {
    lang: template.name,
    handler: `./${handler}`,
    image,
    ...(some(limits) && { limits }),
    ...(some(requests) && { requests }),
  }
}

/** The file with one function more; everything else in it stays as it is, to the letter. */
async function appended(wanted: NewFunction, file: string): Promise<string> {
  const text = await readFile(resolve(wanted.cwd, file), 'utf8').catch((cause: unknown) => {
    throw new SkepError('invalid_request', `The file ${file} cannot be read.`, {
      cause,
      hint: 'Leave --append out to write a file of its own.',
    })
  })
  const document = parseDocument(text, { schema: 'failsafe' })
  const functions = document.get('functions', true)
  if (document.hasIn(['functions', wanted.name])) {
    throw new SkepError('invalid_request', `${file} has a function ${wanted.name} already; nothing was written.`, {
      hint: 'Choose another name.',
    })
  }
  if (document.errors.length > 0 || !isMap(functions) || functions.flow) {
    throw new SkepError('invalid_request', `${file} has no list of functions, one below the other, to add to.`, {
      hint: 'Leave --append out to write a file of its own.',
    })
  }
  return inserted(text, functions, new Document({ [wanted.name]: entryOf(wanted) }).toString())
}

/** Adds an entry below the last one of a map, as deep as the others. */
function inserted(text: string, map: YAMLMap, entry: string): string {
  const [start = 0, , end = text.length] = map.range ?? []
  const indent = text.slice(text.lastIndexOf('\n', start) + 1, start)
  const at = text.slice(0, end).trimEnd().length
  return `${text.slice(0, at)}\n${entry.trimEnd().replace(/^/gm, indent)}${text.slice(at) || '\n'}`
}
