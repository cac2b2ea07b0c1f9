import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunningHandler } from '../contract/runtime.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The folder of a fixture handler of the contract. */
export const handlerFixture = (runtime: string, fixture: string): string =>
  here(`test/fixtures/handlers/${runtime}/${fixture}`)

export type Environment = Readonly<Record<string, string>>

/** Runs a runtime on a handler's folder, as a plain process: what its runtime.json says. */
export async function startRuntime(
  runtime: string,
  folder: string,
  environment: Environment = {},
): Promise<RunningHandler> {
  const port = await freePort()
  const { start } = JSON.parse(readFileSync(here(`runtimes/${runtime}/runtime.json`), 'utf8')) as { start: string[] }
  const [program = '', ...options] = start.map((part) => part.replace('{runtime}', here(`runtimes/${runtime}`)))
  const child = spawn(program, [...options, folder], {
    // `node` is the one that the tests run on.
    env: {
      PATH: dirname(process.execPath) + delimiter + process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: String(port),
      ...environment,
    },
    cwd: dirname(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let logs = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (logs += text))
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  // Some are compiled first.
  await until(async () => (await fetch(`${url}/_/health`).catch(() => undefined))?.ok, 50_000)
  return {
    url,
    logs: () => logs,
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await exited
      return code as number | null
    },
  }
}
