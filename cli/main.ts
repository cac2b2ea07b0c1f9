#!/usr/bin/env node
import { SkepError } from '../gateway/core/errors.ts'
import { readEnv } from './env.ts'
import { outputTo } from './output.ts'
import { run } from './program.ts'

const env = readEnv()
const out = outputTo(process.stdout, process.stderr, env.colours)

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // `skep list | head -1` closes our stdout early: that is the reader's wish, not a failure.
  if (code === 'EPIPE') process.exit(0)
  out.fail(new SkepError('internal', `The output cannot be written: ${message}.`, { hint: 'Is there room for it?' }))
  process.exit(1)
})

process.exitCode = await run(process.argv.slice(2), {
  env,
  cwd: process.cwd(),
  input: process.stdin,
  out,
})
