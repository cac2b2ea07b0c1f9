import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { forEachRequest } from './fork.mjs'
import { forwardTo } from './forward.mjs'

const modes = ['serializing', 'streaming', 'cgi', 'http']

/** What answers requests, by the names of OpenFaaS' of-watchdog: `fprocess` is the command, `mode` how it is used. */
export async function loadProgram(folder) {
  const { mode = 'serializing', upstream_url: upstream = 'http://127.0.0.1:3000' } = process.env
  if (!modes.includes(mode)) throw new Error(`mode must be one of ${modes.join(', ')}, not "${mode}".`)
  const program = { command: commandOf(folder), folder, mode, upstream }
  return mode === 'http' ? forwardTo(program) : forEachRequest(program)
}

function commandOf(folder) {
  const given = process.env.fprocess ?? process.env.function_process
  if (given?.trim()) return given.trim().split(/\s+/)
  const file = ['handler', 'handler.sh'].map((name) => join(folder, name)).find((path) => existsSync(path))
  if (!file)
    throw new Error(`There is no program: set fprocess, or put a file "handler" or "handler.sh" into ${folder}.`)
  if (file.endsWith('.sh') && !isExecutable(file)) return ['sh', file]
  if (isExecutable(file)) return [file]
  throw new Error(`${file} is not executable: chmod +x ${file}`)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // the question was just this
  }
}
