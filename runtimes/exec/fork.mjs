import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { whole } from '../node/serve.mjs'
import { environmentOf } from './environment.mjs'
import { outputOf } from './output.mjs'

/** A handler that starts the program for each request, at most `MAX_FORKS` at a time; further requests wait. */
export function forEachRequest({ command, folder, mode }) {
  const turn = turns(whole('MAX_FORKS', cpus().length * 4))
  return async (event) => {
    const done = await turn()
    return answerOf(event, { command, folder, mode, done })
  }
}

async function answerOf(event, { command, folder, mode, done }) {
  const [file, ...options] = command
  const child = spawn(file, options, { cwd: folder, env: environmentOf(event) })
  child.stdin.on('error', () => undefined) // it need not read its input
  child.stdin.end(event.raw)
  const lastWords = logged(child.stderr)
  const ended = new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${file} cannot be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(failure(`The program ended with ${signal ?? `status ${code}`}.`, signal === null && lastWords()))
    })
  })
  ended.then(done, done)
  return outputOf(child.stdout, ended, mode)
}

/** In the log, what the program said stands before it: only how it ended is new there. */
function failure(end, said) {
  const error = new Error(said || end)
  error.stack = end
  return error
}

/** Copies what the program says to the log; the last line is the reason if it fails. */
function logged(stream) {
  let tail = ''
  stream.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text)
    tail = (tail + text).slice(-1000)
  })
  return () => tail.trim().split('\n').at(-1)
}

/** Resolves, first come first served, when there is room; with a function that makes room again. */
function turns(most) {
  const waiting = []
  let running = 0
  const done = () => {
    running--
    waiting.shift()?.()
  }
  return async () => {
    if (running >= most) await new Promise((resolve) => waiting.push(resolve))
    running++
    return done
  }
}
