import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BaseImage } from '../lab/recipes.ts'
import { run } from '../lab/shell.ts'
import type { Command } from './runtime-server.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const handler = (name: string): string => here(`test/fixtures/handlers/bench/${name}`)
const bare = (file: string): string => here(`test/bench/bare/${file}`)
const { execPath } = process

export interface Language {
  readonly program: string
  readonly runtime: Command
  /** The least that answers in the same language. */
  readonly bare: Command
  /** Shown beside ours; what it reaches is no goal of ours. */
  readonly isReference?: boolean
  /** The base of its image, where what comes on top has a limit. */
  readonly base?: BaseImage
  /** What must be made before, in the bench's own folder. */
  prepare?(): Promise<unknown>
}

export function languagesIn(folder: string): Readonly<Record<string, Language>> {
  return {
    node: {
      base: 'node',
      program: 'node',
      runtime: [execPath, here('runtimes/node/main.mjs'), handler('node')],
      bare: [execPath, bare('node.mjs')],
    },
    'functions-framework': functionsFramework(join(folder, 'functions-framework')),
    python: {
      base: 'python',
      program: 'python3',
      runtime: ['python3', here('runtimes/python/main.py'), handler('python')],
      bare: ['python3', bare('python.py')],
    },
    php: {
      base: 'php',
      program: 'php',
      runtime: ['php', here('runtimes/php/main.php'), handler('php')],
      bare: ['sh', '-c', `exec php -q -S 127.0.0.1:$PORT ${bare('php.php')} 2> /dev/null`],
    },
    ruby: {
      base: 'ruby',
      program: 'ruby',
      runtime: ['ruby', here('runtimes/ruby/main.rb'), handler('ruby')],
      bare: ['ruby', bare('ruby.rb')],
    },
    puma: {
      program: 'puma',
      runtime: ['sh', '-c', `exec puma -q -e production -t 10:10 -b tcp://127.0.0.1:$PORT ${bare('puma.ru')}`],
      bare: ['ruby', bare('ruby.rb')],
      isReference: true,
    },
    go: go(join(folder, 'go')),
    java: java(join(folder, 'java')),
  }
}

function go(folder: string): Language {
  const [runtime, other] = [join(folder, 'runtime'), join(folder, 'bare')]
  return {
    ...{ program: 'go', runtime: [runtime], bare: [other] },
    async prepare() {
      await run('sh', [here('runtimes/go/build.sh'), handler('go'), runtime])
      await run('go', ['build', '-o', other, bare('go.go')])
    },
  }
}

function java(folder: string): Language {
  const function_ = join(folder, 'function')
  const flags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dsun.net.httpserver.nodelay=true'] // as the runtime has them
  return {
    program: 'javac',
    runtime: ['sh', here('runtimes/java/start.sh'), function_],
    bare: ['java', ...flags, '-cp', folder, 'Bare'],
    async prepare() {
      await cp(handler('java'), function_, { recursive: true })
      await run('sh', [here('runtimes/java/build.sh'), function_, join(function_, '.skep/classes')])
      await run('javac', ['-d', folder, bare('Bare.java')])
    },
  }
}

/** Google's own server for the same handler, from npm. */
function functionsFramework(folder: string): Language {
  return {
    program: 'npm',
    runtime: ['env', `FUNCTION_SOURCE=${folder}`, execPath, `${folder}/node_modules/.bin/functions-framework`],
    bare: [execPath, bare('node.mjs')],
    isReference: true,
    async prepare() {
      await mkdir(folder)
      await writeFile(join(folder, 'package.json'), JSON.stringify({ main: 'index.js', type: 'commonjs' }))
      await writeFile(
        join(folder, 'index.js'),
        "exports.function = (_, response) => response.json({ hello: 'bees' })\n",
      )
      await run('npm', [
        'install',
        '--prefix',
        folder,
        '--no-audit',
        '--no-fund',
        '@google-cloud/functions-framework@^3',
      ])
    },
  }
}
