import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks on the terminal without showing what is typed. */
export async function askSecret(input: NodeJS.ReadStream, question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: true })
  // Only now: before this the terminal itself would show what is typed.
  process.stderr.write(question)
  try {
    return await new Promise((resolve) => lines.once('line', resolve).once('close', () => resolve('')))
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** A yes or no; where nobody can be asked it is no. */
export async function confirm(input: NodeJS.ReadStream, question: string): Promise<boolean> {
  if (!input.isTTY) return false
  const lines = createInterface({ input, output: process.stderr })
  try {
    return await new Promise((resolve) =>
      lines.question(`${question} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer))),
    )
  } finally {
    lines.close()
  }
}
