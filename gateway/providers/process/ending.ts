import { readLogs } from './lines.ts'
import type { Running } from './records.ts'

const lastLines = 20

/** How a process ended, where that is known: of one that an earlier gateway started it is not. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Why a replica ended by itself, in a sentence; its last log lines follow if it failed. */
export async function reasonOf({ replica, log }: Running, exit: Exit | undefined): Promise<string> {
  if (exit?.code === 0) return 'It ended by itself.'
  const query = { function: '', follow: false, tail: lastLines, signal: AbortSignal.timeout(2000) }
  const lines: string[] = []
  const found = { replica: replica.id, log, isFinal: true }
  for await (const { text } of readLogs(() => [found], query)) lines.push(text)
  return [sentence(exit), ...lines].join('\n')
}

function sentence(exit: Exit | undefined): string {
  if (exit === undefined) return 'It ended.'
  return exit.signal ? `It was killed (${exit.signal}).` : `It failed with exit code ${exit.code}.`
}
