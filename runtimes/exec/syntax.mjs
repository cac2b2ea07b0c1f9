import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { promisify } from 'node:util'

/** More of a script is not looked at: behind its commands may be any amount of data. */
const mostBytes = 1024 * 1024

/** Throws what a shell says of a script that it cannot read as far as it would at a request. */
export async function checkSyntax(shell, script, folder) {
  const why = await complaintOf(shell, { folder, script })
  if (why === undefined) return
  const parses = async (text) => (await complaintOf(shell, { folder, text })) === undefined
  if (await endsEarly(await beginningOf(resolve(folder, script)), parses)) return
  throw new Error(why.trim().split('\n', 1)[0].replace(`${folder}/`, ''))
}

async function complaintOf(shell, { folder, script, text = '' }) {
  // A script may switch these patterns on as it runs, which no shell sees that only reads.
  const patterns = basename(shell) === 'bash' ? ['-O', 'extglob'] : []
  const reading = promisify(execFile)(shell, [...patterns, '-n', ...(script ? [script] : [])], { cwd: folder })
  reading.child.stdin.on('error', () => {}) // it has seen enough
  reading.child.stdin.end(text, 'latin1')
  return reading.then(
    () => undefined,
    ({ message, stderr }) => stderr || message,
  )
}

/**
 * An `exit`, or an `exec` of a program (not of redirections alone), where a command may begin, with the rest of its line.
 * A line goes on behind a backslash.
 */
const leaving = /(?<=^|;[ \t]*)(?:exit(?=[\s;]|$)|exec[ \t]+(?![\s#;]|\d*[<>]|\{\w+\}[<>]|$))(?=((?:\\\n|[^\n])*))/gm

/** Not `exit | cat`, nor `exec sleep 9 &`: but `2>&1` may be. */
const inSubshell = /\||(?<![<>])&(?!>)/

/**
 * Whether a script certainly ends before its text does, as one does that brings its data along: shells read no further.
 * What comes before must be whole commands of its own, so that nothing decides whether the end comes, and no text of a
 * here-document: in one, the bracket would be no mistake.
 */
async function endsEarly(text, parses) {
  for (const { 0: word, 1: rest, index } of text.matchAll(leaving)) {
    const before = text.slice(0, index)
    if (inSubshell.test(rest) || before.endsWith('\\\n')) continue
    if (!(await parses(before)) || (await parses(`${before})`))) continue
    if (await parses(before + word + rest)) return true
  }
  return false
}

async function beginningOf(path) {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
