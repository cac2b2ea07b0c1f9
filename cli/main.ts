#!/usr/bin/env node
import { readEnv } from './env.ts'
import { outputTo } from './output.ts'
import { run } from './program.ts'

// `skep list | head -1` closes our stdout early: that is the reader's wish, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const env = readEnv()
process.exitCode = await run(process.argv.slice(2), {
  env,
  cwd: process.cwd(),
  input: process.stdin,
  out: outputTo(process.stdout, process.stderr, env.colours),
})
