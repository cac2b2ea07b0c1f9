import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentMiB } from '../helpers/resident.ts'
import { measuredCore, startOn, stop } from './programs.ts'
import { freePort, type Target } from './servers.ts'

export type Command = readonly [string, ...string[]]

/** A server that was just started. */
export interface StartedServer extends Target {
  /** From the start of the process to its first 200. */
  readonly readyMs: number
  memoryMiB(): number
  /** The processor time that it has used. */
  coreSeconds(): number
}

/** Starts a server on the measured core, with its port in PORT. */
export async function startServer(command: Command): Promise<StartedServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const started = performance.now()
  const child = startOn(measuredCore, command, { HOST: '127.0.0.1', PORT: String(port) })
  child.stdout?.resume()
  while (!(await fetch(`${url}/_/ready`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with code ${child.exitCode}.`)
    await sleep(2)
  }
  const readyMs = performance.now() - started
  return {
    ...{ url, readyMs },
    memoryMiB: () => residentMiB(child.pid),
    coreSeconds: () => coreSecondsOf(child.pid),
    stop: () => stop(child),
  }
}

/** Of all its threads, in the kernel too: fields 14 and 15 of proc(5), in hundredths. */
function coreSecondsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
