import { styleText } from 'node:util'
import { SkepError } from '../gateway/core/errors.ts'
import { columns } from './table.ts'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow'

/** Results go to stdout, for people and scripts; notes and progress go to stderr, for people only. */
export interface Output {
  readonly print: (text: string) => void
  /** A text of the results in a colour, where they go to a terminal. */
  readonly paint: (style: Style, text: string) => string
  readonly json: (value: unknown) => void
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => void
  readonly note: (text: string) => void
  readonly warn: (text: string) => void
  readonly fail: (error: SkepError) => void
  /** Where progress may be drawn in place; undefined when it is no terminal. */
  readonly terminal: NodeJS.WriteStream | undefined
  /** Where results may be drawn over and over; undefined when it is no terminal. */
  readonly screen: NodeJS.WriteStream | undefined
}

export function outputTo(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, colours: boolean): Output {
  const paint = (stream: NodeJS.WriteStream, style: Style, text: string) =>
    colours && stream.isTTY ? styleText(style, text) : text
  const print = (text: string) => void stdout.write(`${text}\n`)
  const note = (text: string) => void stderr.write(`${text}\n`)
  return {
    print,
    note,
    paint: (style, text) => paint(stdout, style, text),
    json: (value) => print(JSON.stringify(value, null, 2)),
    table(head, rows) {
      const [first, ...others] = columns([head, ...rows], stdout.isTTY ? stdout.columns : undefined)
      print(paint(stdout, 'bold', first ?? ''))
      for (const line of others) print(line)
    },
    warn: (text) => note(`${paint(stderr, 'yellow', 'warning:')} ${text}`),
    fail(error) {
      note(`${paint(stderr, 'red', 'error:')} ${error.message}`)
      if (error.detail) note(error.detail.trimEnd().replace(/^/gm, '  '))
      if (error.hint) note(`${paint(stderr, 'dim', 'hint:')} ${error.hint}`)
    },
    terminal: stderr.isTTY ? stderr : undefined,
    screen: stdout.isTTY ? stdout : undefined,
  }
}
