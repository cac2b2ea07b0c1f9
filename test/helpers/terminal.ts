import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export interface Terminal {
  /** Everything that was drawn so far, with its escapes. */
  readonly drawn: () => string
  readonly type: (keys: string) => void
  readonly ended: Promise<number | null>
}

export interface TerminalOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
}

/** Runs `skep` in a terminal of its own, as `script` of util-linux makes one. */
export function inTerminal(args: readonly string[], { cwd, env, columns = 80 }: TerminalOptions): Terminal {
  const words = [process.execPath, resolve('cli/main.ts'), ...args].map((word) => `'${word}'`).join(' ')
  const command = `stty columns ${columns} rows 24; exec ${words}`
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, TERM: 'xterm', SHELL: '/bin/sh', ...env },
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return {
    drawn: () => text,
    type: (keys) => void child.stdin.write(keys),
    ended: new Promise((done) => child.once('close', done)),
  }
}
