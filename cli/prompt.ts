import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks on the terminal without showing what is typed. */
export async function askSecret(input: NodeJS.ReadStream, question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: true })
  try {
    return await new Promise((resolve) => lines.once('line', resolve).once('close', () => resolve('')))
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
