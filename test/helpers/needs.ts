import type { TestOptions } from 'vitest'
import { isRoot, mayInstall } from '../lab/debian.ts'
import { findProgram } from '../lab/shell.ts'
import { dockerHost, noDocker } from './docker-host.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test did not run; the summary says it. */
    notRun?: string
  }
}

const language = (program: string) => ({
  there: () => findProgram(program) !== undefined,
  without: `no ${program}, and only root on Debian may install it`,
})

/** What a test may need, and what to say where it is missing. */
const things = {
  docker: {
    there: () => dockerHost !== undefined,
    without: noDocker ?? 'no engine answers, and only root on Debian may install one',
  },
  redis: {
    there: () => findProgram('redis-server') !== undefined,
    without: 'no redis-server, and only root on Debian may install one',
  },
  registry: {
    there: () => dockerHost !== undefined && findProgram('docker-registry') !== undefined,
    without: 'no docker-registry beside an engine, and only root on Debian may install one',
  },
  swarm: {
    there: () => isRoot && findProgram('dockerd') !== undefined && findProgram('ip') !== undefined,
    without: 'only root can start several engines',
  },
  emulator: {
    there: () => isRoot && findProgram('qemu-aarch64-static') !== undefined,
    without: 'no qemu-user-static, and only root on Debian may install it and have it used',
  },
  terminal: {
    there: () => process.platform === 'linux' && findProgram('script') !== undefined,
    without: 'no script of util-linux, which makes terminals',
  },
  python: language('python3'),
  php: language('php'),
  ruby: language('ruby'),
  go: language('go'),
  java: language('javac'),
} as const

/**
 * Options for a test or a group: `describe('docker', needs('docker'), () => …)`.
 * Where the thing is missing, the tests are skipped, and named with the reason at the end of the run.
 */
export function needs(...names: (keyof typeof things)[]): TestOptions {
  // Where everything can be installed, a missing thing is a fault and the tests may say so.
  if (process.env['CI'] && mayInstall) return {}
  return notRun(names.map((name) => things[name]).find((thing) => !thing.there())?.without)
}

/** The same for any other reason: what one implementation of a contract cannot do, for example. No reason, no skip. */
export function notRun(reason: string | undefined): TestOptions {
  return reason ? { skip: true, meta: { notRun: reason } } : {}
}
