import { constants } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import { basename, delimiter, join, resolve } from 'node:path'
import { checkSyntax } from './syntax.mjs'

const shells = ['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']

/** Throws now what would go wrong at each request: a program that cannot be started, a script that its shell cannot read. */
export async function checkStartable([file, script], folder) {
  const program = await find(file, folder)
  const interpreter = await interpreterOf(program, file, folder)
  if (isShell(interpreter)) await checkSyntax(interpreter, program, folder)
  else if (isShell(program) && (await isFile(resolve(folder, script ?? '')))) await checkSyntax(program, script, folder)
}

/** Where a program is: looked for on the PATH unless its name is a path. */
async function find(name, folder) {
  const isPath = name.includes('/')
  const places = isPath ? [''] : (process.env.PATH ?? '').split(delimiter)
  let found
  for (const place of places) {
    const path = resolve(folder, join(place, name))
    if (!(await isFile(path))) continue
    if (await isExecutable(path)) return path
    found ??= path
  }
  if (found) throw new Error(`${name} cannot be started: it is not executable. chmod +x ${found}`)
  throw new Error(`${name} cannot be started: ${isPath ? 'there is no such file' : 'no folder of the PATH has it'}.`)
}

/** What the line `#!` of a script asks for; undefined for what has none. */
async function interpreterOf(program, name, folder) {
  const line = await firstLine(program).catch(() => '') // it may be executable, but not readable
  if (!line.startsWith('#!')) return undefined
  if (line.endsWith('\r'))
    throw new Error(`${name} cannot be started: its lines end as on Windows. sed -i 's/\\r$//' ${name}`)
  const [first, ...rest] = line.slice(2).trim().split(/\s+/)
  const isEnv = basename(first) === 'env' // `env -S NAME=value bash -e`
  const asked = isEnv ? rest.find((word) => !word.startsWith('-') && !word.includes('=')) : first
  return find(asked ?? first, folder).catch((error) => {
    throw new Error(`${name} cannot be started: its first line is "${line}", but ${error.message}`)
  })
}

async function firstLine(path) {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256)
    return buffer.toString('latin1', 0, bytesRead).split('\n', 1)[0]
  } finally {
    await file.close()
  }
}

const isShell = (program) => program !== undefined && shells.includes(basename(program))

const isFile = async (path) => (await stat(path).catch(() => undefined))?.isFile() ?? false

const isExecutable = (path) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
