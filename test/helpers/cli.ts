import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliFolder {
  readonly path: string
  /** Runs `skep` as a process of its own in this folder, which is its home as well. */
  readonly skep: (args: readonly string[], options?: CliOptions) => Promise<CliResult>
  /** Texts by their paths in it. */
  readonly write: (files: Readonly<Record<string, string>>) => void
  readonly remove: () => void
}

export interface CliOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A fresh folder, and the CLI to run in it: from its sources, or from another program such as a bundle. */
export function cliFolder(program: readonly string[] = [process.execPath, resolve('cli/main.ts')]): CliFolder {
  const path = mkdtempSync(join(tmpdir(), 'skep-cli-'))
  return {
    path,
    skep: (args, options) => runCli(path, [...program, ...args], options),
    write(files) {
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, file)), { recursive: true })
        writeFileSync(join(path, file), content)
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

async function runCli(cwd: string, [command = '', ...args]: string[], options: CliOptions = {}): Promise<CliResult> {
  const env = { PATH: process.env['PATH'], HOME: cwd, ...options.env }
  const child = spawn(command, args, { cwd, env })
  child.stdin.on('error', () => {}) // it may end without reading what it is given
  child.stdin.end(options.input ?? '')
  const code = new Promise<number | null>((done) => child.once('close', done))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}
