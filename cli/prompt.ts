import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { ExitCode } from './exit-code.ts'

/** Asks on the terminal without showing what is typed. */
export async function askSecret(input: NodeJS.ReadStream, question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: true })
  // Only now: before this the terminal itself would show what is typed.
  process.stderr.write(question)
  try {
    return (await lineOf(lines)) ?? ''
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** A yes or no; where nobody can be asked it is no. */
export async function confirm(input: NodeJS.ReadStream, question: string): Promise<boolean> {
  if (!input.isTTY) return false
  const lines = createInterface({ input, output: process.stderr, prompt: `${question} [y/N] ` })
  lines.prompt()
  try {
    return /^y(es)?$/i.test((await lineOf(lines)) ?? '')
  } finally {
    lines.close()
  }
}

/** What is typed next; undefined when nothing more can be. Ctrl-C ends the command, as where nothing is asked. */
function lineOf(lines: Interface): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    lines.once('line', resolve)
    lines.once('close', () => resolve(undefined))
    lines.once('SIGINT', () => reject(new ExitCode(130)))
  })
}
