import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { forEachRequest } from './fork.mjs'
import { forwardTo } from './forward.mjs'
import { checkStartable } from './startable.mjs'

const modes = ['serializing', 'streaming', 'cgi', 'http']

/** What answers requests, by the names of OpenFaaS' of-watchdog: `fprocess` is the command, `mode` how it is used. */
export async function loadProgram(folder) {
  const { mode = 'serializing', upstream_url: upstream = 'http://127.0.0.1:3000' } = process.env
  if (!modes.includes(mode)) throw new Error(`mode must be one of ${modes.join(', ')}, not "${mode}".`)
  const command = commandOf(folder)
  await checkStartable(command, folder)
  const program = { command, folder, mode, upstream }
  return mode === 'http' ? forwardTo(program) : forEachRequest(program)
}

function commandOf(folder) {
  const given = process.env.fprocess ?? process.env.function_process
  if (given?.trim()) return given.trim().split(/\s+/)
  const name = ['handler', 'handler.sh'].find((one) => existsSync(join(folder, one)))
  if (!name)
    throw new Error(`There is no program: set fprocess, or put a file "handler" or "handler.sh" into ${folder}.`)
  const file = `./${name}`
  return name.endsWith('.sh') && !isExecutable(join(folder, name)) ? ['sh', file] : [file]
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // the question was just this
  }
}
