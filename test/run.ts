import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../gateway/core/errors.ts'
import { prepareGround, type Ground, type Keep } from './lab/ground.ts'
import type { Tally } from './lab/summary.ts'

// `npm test`: prepares what the tests stand on, checks the sources, runs the tests, takes everything away again.
// Arguments go to vitest, and the checks are left out: `npm test -- test/http`, `npm test -- -t 'from zero'`.

const checks = [
  ['tsc'],
  ['oxlint', '--type-aware', '--max-warnings=0'],
  ['oxfmt', '--check', '.'],
  ['knip', '--no-progress'],
] as const

/** What SKEP_TEST_KEEP says. */
const keep = new Map<string | undefined, Keep>([
  ['1', 'always'],
  ['0', 'never'],
])

const endedEarly: Tally = { passed: 0, failed: 1, skipped: 0 }

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())

const { passed, failed, skipped } = await everything(process.argv.slice(2))
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 ? 1 : 0

async function everything(args: readonly string[]): Promise<Tally> {
  try {
    await using ground = await prepareGround(console.log, keep.get(process.env['SKEP_TEST_KEEP']) ?? 'as found')
    return await checkAndTest(ground, args)
  } catch (error) {
    console.log(messageOf(error))
    return endedEarly
  }
}

async function checkAndTest({ environment }: Ground, args: readonly string[]): Promise<Tally> {
  const failed: string[] = []
  for (const [name, ...options] of args.length > 0 ? [] : checks) {
    if (!(await succeeds(name, options))) failed.push(name)
  }
  const tally = await runVitest(environment, args)
  if (failed.length > 0) console.log(`Failed checks: ${failed.join(', ')}`)
  return { ...tally, failed: tally.failed + failed.length }
}

async function runVitest(environment: Ground['environment'], args: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'skep-tally-'))
  const file = join(folder, 'tally.json')
  try {
    const options = ['run', '--config', 'test/vitest.config.ts', ...args]
    const green = await succeeds('vitest', options, { ...environment, SKEP_TEST_TALLY: file })
    const tally: Tally = JSON.parse(readFileSync(file, 'utf8'))
    // It can fail without a failed test: when it finds no test at all, for example.
    return green ? tally : { ...tally, failed: Math.max(tally.failed, 1) }
  } catch {
    return endedEarly
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function succeeds(program: string, args: readonly string[], environment: object = {}): Promise<boolean> {
  if (interrupted.signal.aborted) return false
  console.log(`\n> ${program} ${args.join(' ')}`)
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const stop = () => child.kill('SIGTERM')
  interrupted.signal.addEventListener('abort', stop)
  const [code] = await once(child, 'exit')
  interrupted.signal.removeEventListener('abort', stop)
  return code === 0
}
