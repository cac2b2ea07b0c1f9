import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { findProgram } from '../lab/shell.ts'

/** On the first core runs what is measured; load and function share another, if there is one. */
export const measuredCore = 0
export const otherCore = Math.min(1, availableParallelism() - 1)

/** Ends the bench with one sentence when a program is missing. */
export function needPrograms(packages: Readonly<Record<string, string>>): void {
  const missing = Object.keys(packages).filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return
  const names = [...new Set(missing.map((program) => packages[program]))].join(' ')
  console.error(`This bench needs ${missing.join(', ')}: apt-get install ${names}`)
  process.exit(2)
}

/** A program on one core; standard output is read, errors are shown. */
export function startOn(core: number, command: readonly string[], environment: object = {}): ChildProcess {
  const [program, ...pinned] = ['taskset', '-c', String(core), ...command] as const
  return spawn(program, pinned, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
}

/** All that it prints, once it has ended well. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = ''
  child.stdout?.on('data', (data) => (output += data))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with code ${code}.`)
  return output
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}
