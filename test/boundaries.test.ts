import { expect, it } from 'vitest'
import { readSources } from './helpers/sources.ts'

// Types count as much as values here: a port leaks through its parameters first.

/** Which files of the project a folder (or a file) may import, besides its own. */
const knows: Record<string, readonly string[]> = {
  'gateway/core': [],
  'gateway/config.ts': ['gateway/core'],
  'gateway/main.ts': ['gateway'],
  'gateway/rest.ts': [],
  'gateway/registry-logins.ts': ['gateway/core', 'gateway/http', 'gateway/seal.ts'],
  'gateway/seal.ts': [],
  'gateway/gateway.ts': ['gateway', 'package.json'],
  'gateway/implementations.ts': ['gateway'],
  'gateway/http': ['gateway/core'],
  'gateway/dialects': ['gateway/core'],
  'gateway/builds': ['gateway/core'],
  'gateway/triggers': ['gateway/core'],
  'gateway/buildkit': ['gateway/core'],
  'gateway/providers': ['gateway/core', 'gateway/buildkit'],
  'gateway/queues': ['gateway/core', 'gateway/redis'],
  'gateway/stores': ['gateway/core', 'gateway/redis'],
  'gateway/peers': ['gateway/core', 'gateway/redis'],
  'gateway/redis': ['gateway/core'],
  'gateway/telemetry': ['gateway/core'],
  'gateway/protocols': ['gateway/core', 'runtimes/node', 'runtimes/node-lambda', 'runtimes/node-openwhisk'],
  cli: ['gateway/core', 'gateway/buildkit'],
  // Each runtime is a program of its own, that a new language adds; the server of Node's serves others too.
  runtimes: ['runtimes/node'],
}

/** Where a package is at home: only files whose path begins so import it. */
const homes: Record<string, readonly string[]> = {
  zod: ['gateway', 'cli'],
  hono: ['gateway/http', 'gateway/dialects'],
  '@hono/node-server': ['gateway/http', 'gateway/dialects'],
  'prom-client': ['gateway/telemetry'],
  pino: ['gateway/telemetry'],
  ioredis: ['gateway/redis', 'gateway/queues/redis', 'gateway/stores/redis'],
  dockerode: ['gateway/providers/engine/client.ts', 'cli/docker'],
  commander: ['cli'],
  yaml: ['cli'],
  '@balena/dockerignore': ['cli'],
  'tar-stream': ['cli', 'gateway/builds', 'gateway/providers/process'],
  // A handler is known only when its runtime runs.
  '(computed)': ['runtimes/node/load.mjs'],
}

/** Where settings are read; everybody else is given them. Runtimes are programs of their own, and so is what runs on another node. */
const environmentReaders = [
  'gateway/config.ts',
  'cli/env.ts',
  'runtimes',
  'gateway/providers/swarm/far/relay-program.mjs',
]

/** What nobody shall pay for who does not use it: 25 MB of memory each, 100 ms of a command’s start. SQLite is not in Node 20. */
const onlyWhenUsed: Record<string, readonly string[]> = {
  'gateway/main.ts': ['dockerode', 'ioredis', 'tar-stream'],
  'cli/main.ts': ['dockerode', 'node:sqlite', 'yaml', 'zod'],
}

const sources = readSources('gateway', 'cli', 'runtimes')
const edges = sources.flatMap(({ path, imports }) => imports.map((target) => ({ path, ...target })))
const within = (path: string, folders: readonly string[]) =>
  folders.some((folder) => `${path}/`.startsWith(`${folder}/`))
const homeOf = (path: string) => Object.keys(knows).find((home) => within(path, [home]))

it('finds the sources, and each of them in the table', () => {
  expect(edges).toContainEqual({ path: 'gateway/core/pool.ts', file: 'gateway/core/ports.ts', kind: 'type' })
  expect(sources.map(({ path }) => path).filter((path) => !homeOf(path))).toEqual([])
})

it('lets a file know only those files that the table names for its folder', () => {
  const mayKnow = (path: string, file: string) => {
    const home = homeOf(path) ?? path
    const own = home === 'runtimes' ? path.split('/', 2).join('/') : home
    return within(file, [own, ...(knows[home] ?? [])])
  }
  expect(edges.filter(({ path, file }) => file !== undefined && !mayKnow(path, file))).toEqual([])
})

it('leads from no file back to itself', () => {
  const behind = new Map(sources.map(({ path, imports }) => [path, imports.flatMap(({ file }) => file ?? [])]))
  const isInCircle = (path: string): boolean => {
    const reached = new Set(behind.get(path))
    for (const file of reached) for (const next of behind.get(file) ?? []) reached.add(next)
    return reached.has(path)
  }
  expect([...behind.keys()].filter(isInCircle)).toEqual([])
})

it('keeps each package at home', () => {
  const atHome = (path: string, name: string) =>
    name.startsWith('node:') || homes[name]?.some((home) => path.startsWith(home))
  expect(edges.filter(({ path, package: name }) => name !== undefined && !atHome(path, name))).toEqual([])
})

it('reads the environment in one place of each program', () => {
  const readers = sources.filter(({ readsEnvironment }) => readsEnvironment).map(({ path }) => path)
  expect(readers.filter((path) => !within(path, environmentReaders))).toEqual([])
})

it.each(Object.entries(onlyWhenUsed))('starts %s without %s', (entry, heavy) => {
  const loaded = new Set([entry])
  for (const path of loaded) {
    for (const { file } of edges.filter((edge) => edge.path === path && edge.kind === 'value'))
      if (file) loaded.add(file)
  }
  expect(loaded.size).toBeGreaterThan(5)
  const packages = edges.filter(({ path, kind }) => loaded.has(path) && kind === 'value').map((edge) => edge.package)
  expect(packages.filter((name) => heavy.includes(name ?? ''))).toEqual([])
})
