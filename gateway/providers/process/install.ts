import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SkepError } from '../../core/errors.ts'
import type { Progress } from '../../core/progress.ts'
import type { Install } from './runtime.ts'
import type { Shelf } from './shelf.ts'
import { copyFolder } from './snapshot.ts'

export interface Tools {
  readonly shelf: Shelf
  /** The gateway's own. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

const longestMs = 10 * 60_000
const lastLines = 20
/** What an installer may need of the gateway's environment. */
const passedOn = /^(PATH|HOME|LANG|TZ|TMPDIR|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i

/**
 * Puts the dependencies of the copy in `folder` there: those that lie ready beside the source, else those of another
 * revision that asked for the same, else newly installed ones. Resolves with what these were made from.
 */
export async function bringDependencies(
  tools: Tools,
  install: Install,
  { source, folder }: { source: string; folder: string },
  progress: Progress,
): Promise<string | undefined> {
  if (install.from.length === 0) {
    await runInstaller(tools, install, folder, progress)
    return undefined // it is made of all the files: for nobody else
  }
  if (await areReady(source, install)) {
    await copyFolder(join(source, install.makes), join(folder, install.makes), { within: source })
    return undefined // the user may have changed them by hand: they are for nobody else
  }
  const made = await madeFrom(folder, install)
  if (made === undefined || (await takeOver(tools, made, folder, install))) return made
  await runInstaller(tools, install, folder, progress)
  return made
}

/** Undefined when the folder asks for nothing. */
async function madeFrom(folder: string, { from, run }: Install): Promise<string | undefined> {
  // Packages with native code are made for one version of Node.
  const hash = createHash('sha256').update(JSON.stringify([run, process.version]))
  const texts = await Promise.all(from.map((name) => readFile(join(folder, name)).catch(() => undefined)))
  if (texts.every((text) => text === undefined)) return undefined
  for (const text of texts) hash.update(`${text?.length ?? '-'}\n`).update(text ?? '')
  return hash.digest('hex')
}

/** The user installed them, after the last change of what they are made from. */
async function areReady(source: string, { from, makes }: Install): Promise<boolean> {
  const changedAt = async (name: string): Promise<number | undefined> =>
    (await stat(join(source, name)).catch(() => undefined))?.mtimeMs
  const madeAt = await changedAt(makes)
  if (madeAt === undefined) return false
  return (await Promise.all(from.map(changedAt))).every((at) => (at ?? 0) <= madeAt)
}

async function takeOver({ shelf }: Tools, made: string, folder: string, { makes }: Install): Promise<boolean> {
  const other = (await shelf.all()).find(({ dependencies }) => dependencies === made)
  if (!other) return false
  const source = join(other.folder, 'function')
  if (!(await stat(join(source, makes)).catch(() => undefined))) return true // nothing came of it there
  return copyFolder(join(source, makes), join(folder, makes), { within: source }).then(
    () => true,
    () => false, // that revision is being removed: install anew
  )
}

async function runInstaller(
  { environment }: Tools,
  { from, run }: Install,
  folder: string,
  progress: Progress,
): Promise<void> {
  const [command = '', ...words] = run
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => passedOn.test(name)))
  const child = spawn(command, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: longestMs })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      progress(line)
      lines.push(line)
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => (code === 0 ? undefined : `ended with ${code ?? signal}`))
  const failure = await ended.catch((error: Error) => `cannot be run: ${error.message}`)
  if (failure === undefined) return
  const what = from.length === 0 ? 'The handler cannot be compiled' : 'Its dependencies cannot be installed'
  throw new SkepError('invalid_request', `${what}: ${command} ${failure}.`, {
    hint: 'The last lines before this say why.',
    detail: lines.slice(-lastLines).join('\n'),
  })
}
