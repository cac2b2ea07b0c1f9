import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RunningHandler } from '../contract/runtime.ts'
import { startRuntime, type Environment } from './runtime-process.ts'

/** A handler's files, by their names; all of them may be executed. */
export type Files = Readonly<Record<string, string>>

interface Handler {
  readonly runtime: string
  readonly files: Files
  readonly environment?: Environment
}

/** Runs `test` against a handler that is written for it. */
export async function withHandler(
  { runtime, files, environment }: Handler,
  test: (running: RunningHandler, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'skep-handler-'))
  for (const [name, source] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), source, { mode: 0o755 })
  }
  await symlink(folder, join(folder, 'function')) // as the process provider leads to it
  const running = await startRuntime(runtime, join(folder, 'function'), environment)
  try {
    await test(running, folder)
  } finally {
    await running.stop()
    await rm(folder, { recursive: true })
  }
}
