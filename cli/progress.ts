import { stripVTControlCharacters } from 'node:util'
import type { Output } from './output.ts'

/** Says how long work on several things goes on. */
export interface Progress {
  /** What is being done with it now; `percent` only where it is drawn in place. */
  doing(name: string, text: string, percent?: number): void
  /** It is done; the text is a result. */
  done(name: string, text: string): void
  /** Clears what was drawn in place. */
  close(): void
}

/** One line per thing, drawn in place, on a terminal; plain lines elsewhere; only results when quiet. */
export function progressOn(out: Output, quiet = false): Progress {
  if (quiet) return { doing() {}, done: (name, text) => out.print(`${name}: ${text}`), close() {} }
  return out.terminal ? liveProgress(out, out.terminal) : plainProgress(out)
}

function plainProgress(out: Output): Progress {
  const last = new Map<string, string>()
  return {
    doing(name, text, percent) {
      if (percent !== undefined || last.get(name) === text) return
      last.set(name, text)
      out.note(`${name} | ${text}`)
    },
    done: (name, text) => out.print(`${name}: ${text}`),
    close() {},
  }
}

function liveProgress(out: Output, terminal: NodeJS.WriteStream): Progress {
  const doing = new Map<string, string>()
  const started = Date.now()
  let drawn = 0
  const clear = () => {
    if (drawn > 0) terminal.write(`\x1B[${drawn}A\x1B[J`)
    drawn = 0
  }
  const draw = () => {
    clear()
    const seconds = `${Math.round((Date.now() - started) / 1000)}s`
    for (const [name, text] of doing) {
      terminal.write(`${`${name}  ${seconds}  ${text}`.slice(0, (terminal.columns || 80) - 1)}\n`)
      drawn += 1
    }
  }
  // Four times a second is lively, and a build that prints thousands of lines is not slowed down.
  const timer = setInterval(draw, 250)
  return {
    doing(name, text, percent) {
      doing.set(name, stripVTControlCharacters(percent === undefined ? text : `${text}  ${percent} %`))
    },
    done(name, text) {
      doing.delete(name)
      clear()
      out.print(`${name}: ${text}`)
    },
    close() {
      clearInterval(timer)
      clear()
    },
  }
}
