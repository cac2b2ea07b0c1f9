import { otherCore, outputOf, startOn } from './programs.ts'

export interface Load {
  readonly requestsPerSecond: number
  readonly medianMs: number
  readonly errors: number
}

const inMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

export interface WrkOptions {
  /** What it sends; without one, it asks with GET. */
  readonly script?: string
  /** In whose network it runs. */
  readonly within?: number
}

/** Keeps so many connections busy for so many seconds. */
export async function wrk(url: string, connections: number, seconds: number, options: WrkOptions = {}): Promise<Load> {
  const { script, within } = options
  const place = within === undefined ? [] : ['nsenter', `--net=/proc/${within}/ns/net`]
  const scripted = script === undefined ? [] : ['-s', script]
  const command = [...place, 'wrk', '--latency', '-t1', `-c${connections}`, `-d${seconds}s`, ...scripted, url]
  const output = await outputOf(startOn(otherCore, command))
  const [, amount, unit = ''] = /50%\s+([\d.]+)(us|ms|s)/.exec(output) ?? []
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    medianMs: Number(amount) * (inMs[unit] ?? NaN),
    errors: errorsIn(output),
  }
}

function errorsIn(output: string): number {
  const answers = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? []
  return sockets.reduce((sum, count) => sum + Number(count), answers)
}
