import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addForeignPackages, addPackages } from './packages.ts'
import { findProgram, run } from './shell.ts'

export type BaseImage = keyof typeof recipes

/** Fills an empty folder with a root file system; resolves with what a Dockerfile would say besides. */
type Recipe = (root: string) => Promise<readonly string[]>

/** From this machine's own files, from npm, from Debian's packages; never from an image registry. */
export const recipes = {
  busybox: async (root) => {
    await addSystem(root)
    return [path, 'CMD ["sh"]']
  },

  /** Node 24 with npm, laid out as in the official image: /usr/local/bin, a user `node` with the number 1000. */
  node: async (root) => {
    await addSystem(root)
    await addProgram(root, process.execPath, '/usr/local/bin/node')
    await addNpm(root)
    return [path, 'CMD ["node"]']
  },

  /** Node and bash. */
  bash: async (root) => {
    await addSystem(root)
    await addProgram(root, process.execPath, '/usr/local/bin/node')
    await addProgram(root, '/bin/bash', '/bin/bash')
    addEnv(root)
    return [path]
  },

  python: (root) => language(root, 'python3'),
  'python-arm64': async (root) => {
    await addForeignPackages(root, 'arm64', 'python3', 'busybox-static')
    await addSystem(root)
    return [path]
  },
  php: async (root) => {
    const recipe = await language(root, 'php-cli')
    symlinkSync('php8.2', join(root, 'usr/bin/php')) // the work of update-alternatives
    return recipe
  },
  ruby: (root) => language(root, 'ruby'),
  go: async (root) => {
    await addPackages(root, 'golang-1.19-go', 'golang-1.19-src')
    await addSystem(root)
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
    symlinkSync('../../lib/go-1.19/bin/go', join(root, 'usr/local/bin/go'))
    return [path, 'ENV HOME=/root']
  },

  redis: async (root) => {
    await addSystem(root)
    await addProgram(root, findProgram('redis-server') ?? '', '/usr/local/bin/redis-server')
    await run('install', ['-d', '-m', '777', join(root, 'data')])
    return [path, 'CMD ["redis-server"]']
  },

  registry: async (root) => {
    await addSystem(root)
    await addProgram(root, findProgram('docker-registry') ?? '', '/usr/local/bin/docker-registry')
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: '/var/lib/registry' } },
      http: { addr: ':5000' },
    }
    writeFileSync(join(root, 'etc/registry.json'), JSON.stringify(config)) // every JSON is a YAML
    return [path, 'CMD ["docker-registry", "serve", "/etc/registry.json"]']
  },

  nginx: async (root) => {
    await addSystem(root)
    await addProgram(root, findProgram('nginx') ?? '', '/usr/local/bin/nginx')
    await run('install', ['-d', '-m', '777', join(root, 'var/log/nginx')]) // it opens its log before it reads where it shall be
    return [path]
  },

  java: async (root) => {
    await addPackages(root, 'openjdk-17-jdk-headless')
    await addSystem(root)
    const [folder = ''] = readdirSync(join(root, 'usr/lib/jvm')).filter((name) => name.startsWith('java-17-'))
    return [`ENV PATH=/usr/lib/jvm/${folder}/bin:/usr/local/bin:/usr/bin:/bin`]
  },

  /** Answers `GET /` on port 8080 a few milliseconds after its start. */
  http: async (root) => {
    await addSystem(root)
    mkdirSync(join(root, 'www'))
    writeFileSync(join(root, 'www/index.html'), 'hello\n')
    return [path, 'EXPOSE 8080', 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]']
  },
} satisfies Record<string, Recipe>

const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What the official image of a language is for us: its interpreter, and a shell. */
async function language(root: string, name: string): Promise<readonly string[]> {
  await addPackages(root, name)
  await addSystem(root)
  return [path]
}

/** A shell and its friends, users, the certificates that this machine trusts. */
async function addSystem(root: string): Promise<void> {
  for (const folder of ['bin', 'etc/ssl/certs', 'root', 'home/node', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true })
  // Open to all, because copying into an image makes everything root's.
  await run('chmod', ['1777', join(root, 'tmp'), join(root, 'home/node')])
  const busybox = findProgram('busybox')
  if (!busybox) throw new Error('No busybox on this machine.')
  await addProgram(root, busybox, '/bin/busybox')
  for (const applet of (await run(busybox, ['--list'])).split('\n')) {
    if (!existsSync(join(root, 'bin', applet))) symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/home/node:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  copy('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'))
}

/** A program of this machine, and the libraries that it loads. */
async function addProgram(root: string, from: string, to: string): Promise<void> {
  copy(from, join(root, to))
  const loaded = await run('ldd', [from]).catch(() => '') // a static program loads none
  for (const [library] of loaded.matchAll(/\/\S+/g)) copy(library, join(root, library))
}

async function addNpm(root: string): Promise<void> {
  const modules = join(root, 'usr/local/lib/node_modules')
  mkdirSync(modules, { recursive: true })
  const archive = await run('npm', [
    'pack',
    '--silent',
    '--prefer-offline',
    '--pack-destination',
    modules,
    'npm@11.21.2',
  ])
  await run('tar', ['-xzf', join(modules, archive), '-C', modules])
  await run('mv', [join(modules, 'package'), join(modules, 'npm')])
  await run('rm', [join(modules, archive)])
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name))
  }
  // This machine may reach the registry through somebody whose certificate only it knows.
  mkdirSync(join(root, 'usr/local/etc'))
  writeFileSync(join(root, 'usr/local/etc/npmrc'), 'cafile=/etc/ssl/certs/ca-certificates.crt\n')
  addEnv(root)
}

/** Scripts begin with `/usr/bin/env node`. */
function addEnv(root: string): void {
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  symlinkSync('../../bin/busybox', join(root, 'usr/bin/env'))
}

function copy(from: string, to: string): void {
  if (existsSync(to)) return
  mkdirSync(dirname(to), { recursive: true })
  cpSync(realpathSync(from), to)
}
