import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Running } from './records.ts'
import { type Environment, environmentOf } from './start.ts'

/** Runs a program beside a replica: in its folder and with its environment. */
export async function execBeside(
  { revision, replica, folder }: Running,
  command: readonly string[],
  options: { timeoutMs: number; environment: Environment },
): Promise<number> {
  const [file = '', ...words] = command
  const home = join(folder, 'home')
  const env = environmentOf(options.environment, revision, home, replica.address.port)
  const child = spawn(file, words, {
    cwd: home,
    env,
    stdio: 'ignore',
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (code === null) throw new Error(`${file} was ended by ${signal}, or took longer than ${options.timeoutMs} ms`)
  return code
}
