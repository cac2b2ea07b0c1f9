import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { Summary } from './lab/summary.ts'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes, containers and sockets on a small machine: slow is not wrong.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // With nobody there to look, one late engine must not hide what the other tests say; the summary names each such test.
    retry: process.env['CI'] ? 1 : 0,
    // Two at a time: more of them would fight for the processor that the containers need.
    maxWorkers: 2,
    reporters: ['default', new Summary()],
  },
})
