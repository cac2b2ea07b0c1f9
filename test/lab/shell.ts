import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a program to its end and resolves with what it printed; a failure carries the end of its error output. */
export async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 })
    return stdout.trim()
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-500) : ''
    throw new Error(`\`${command} ${args.join(' ')}\` failed. ${said}`, { cause: error })
  }
}

/** For undoing things: what is already undone is no failure. */
export async function runIfPossible(command: string, args: readonly string[]): Promise<string> {
  return run(command, args).catch(() => '')
}

/** Where a program is, also in the folders that only root has on its path. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
