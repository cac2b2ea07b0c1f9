import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, run } from '../lab/shell.ts'
import { needPrograms } from './programs.ts'
import { median, rounded, type Report } from './report.ts'
import { startServer, type Command } from './runtime-server.ts'
import { wrk } from './wrk.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const handler = (name: string): string => here(`test/fixtures/handlers/bench/${name}`)
const bare = (file: string): string => here(`test/bench/bare/${file}`)

const connections = 10
const seconds = 2
const rounds = 3
const goal = 0.8

interface Language {
  readonly program: string
  readonly runtime: Command
  /** The least that answers in the same language. */
  readonly bare: Command
}

/** The runtimes, each against a bare server of its language: requests per second, memory at rest, time to readiness. */
export async function runtimesBench(): Promise<Report> {
  needPrograms({ wrk: 'wrk', taskset: 'util-linux' })
  const folder = await mkdtemp(join(tmpdir(), 'skep-bench-'))
  try {
    return await measureAll(Object.entries(languagesIn(folder)), folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function languagesIn(folder: string): Readonly<Record<string, Language>> {
  const { execPath } = process
  return {
    node: {
      program: execPath,
      runtime: [execPath, here('runtimes/node/main.mjs'), handler('node')],
      bare: [execPath, bare('node.mjs')],
    },
    python: {
      program: 'python3',
      runtime: ['python3', here('runtimes/python/main.py'), handler('python')],
      bare: ['python3', bare('python.py')],
    },
    php: {
      program: 'php',
      runtime: ['php', here('runtimes/php/main.php'), handler('php')],
      bare: ['sh', '-c', `exec php -q -S 127.0.0.1:$PORT ${bare('php.php')} 2> /dev/null`],
    },
    ruby: {
      program: 'ruby',
      runtime: ['ruby', here('runtimes/ruby/main.rb'), handler('ruby')],
      bare: ['ruby', bare('ruby.rb')],
    },
    go: { program: 'go', runtime: [join(folder, 'runtime')], bare: [join(folder, 'bare')] },
  }
}

async function measureAll(languages: readonly (readonly [string, Language])[], folder: string): Promise<Report> {
  const rows: Report['rows'][number][] = []
  const goals: Report['goals'][number][] = []
  for (const [name, language] of languages) {
    if (name !== 'node' && !findProgram(language.program)) {
      console.log(`${name} is left out: there is no ${language.program}.`)
      continue
    }
    if (name === 'go') await compileGo(folder)
    const { row, ratio } = await compare(name, language)
    rows.push(row)
    goals.push({ goal: `${name} at least ${goal} of a bare server`, measured: ratio, met: ratio >= goal })
  }
  return { rows, goals }
}

async function compileGo(folder: string): Promise<void> {
  await run('sh', [here('runtimes/go/build.sh'), handler('go'), join(folder, 'runtime')])
  await run('go', ['build', '-o', join(folder, 'bare'), bare('go.go')])
}

async function compare(name: string, language: Language) {
  const runtime = await startServer(language.runtime)
  const other = await startServer(language.bare)
  const ratios: number[] = []
  const perSecond: number[] = []
  const [restMiB, bareMiB] = [runtime.memoryMiB(), other.memoryMiB()]
  try {
    for (let round = 0; round < rounds; round++) {
      const load = await wrk(runtime.url, connections, seconds)
      const bareLoad = await wrk(other.url, connections, seconds)
      if (load.errors > 0) throw new Error(`${name}: ${load.errors} requests failed.`)
      perSecond.push(load.requestsPerSecond)
      ratios.push(load.requestsPerSecond / bareLoad.requestsPerSecond)
    }
  } finally {
    await Promise.all([runtime.stop(), other.stop()])
  }
  const ratio = rounded(median(ratios))
  const row = {
    runtime: name,
    'requests/s': Math.round(median(perSecond)),
    'of bare': ratio,
    'at rest MiB': rounded(restMiB, 1),
    'bare MiB': rounded(bareMiB, 1),
    'ready after ms': Math.round(runtime.readyMs),
    'bare ms': Math.round(other.readyMs),
  }
  return { row, ratio }
}
