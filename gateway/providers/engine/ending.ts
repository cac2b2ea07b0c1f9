import type { FunctionSpec } from '../../core/spec.ts'
import { type Engine, unlessMissing } from './client.ts'
import { memoryOf } from './container.ts'
import { readLines } from './logs.ts'

const lastLines = 20
const readLimitMs = 2000

/** Why a container ended, in a sentence; its last log lines follow. */
export async function reasonOf(engine: Engine, container: string, spec: FunctionSpec): Promise<string> {
  const info = await unlessMissing(engine.ask((docker) => docker.getContainer(container).inspect()))
  if (!info) return 'It was removed.'
  return [sentenceOf(info.State, spec), ...(await lastWords(engine, `containers/${container}`))].join('\n')
}

/** What went wrong, if it did not end as one that is told to does. */
export async function crashOf(engine: Engine, container: string, spec: FunctionSpec): Promise<string | undefined> {
  const info = await unlessMissing(engine.ask((docker) => docker.getContainer(container).inspect()))
  const isOrdinary = !info || (!info.State.OOMKilled && ordinaryCodes.includes(info.State.ExitCode))
  return isOrdinary ? undefined : sentenceOf(info.State, spec)
}

/** By itself, by SIGKILL, by SIGTERM. */
const ordinaryCodes = [0, 137, 143]

function sentenceOf({ ExitCode, OOMKilled }: { ExitCode: number; OOMKilled: boolean }, spec: FunctionSpec): string {
  if (OOMKilled) return `It was killed: it used more than its ${memoryOf(spec)} of memory.`
  if (ExitCode === 0) return 'It ended by itself.'
  return signalNames[ExitCode] ? `It was killed (${signalNames[ExitCode]}).` : `It failed with exit code ${ExitCode}.`
}

/** A shell's way to say that a signal was the end. */
export const signalNames: Readonly<Record<number, string>> = {
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
}

export async function lastWords(engine: Engine, source: string): Promise<string[]> {
  const lines: string[] = []
  const query = { follow: false, tail: lastLines, signal: AbortSignal.timeout(readLimitMs) }
  for await (const { text } of readLines(engine, source, query)) lines.push(text)
  return lines
}
