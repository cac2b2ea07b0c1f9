import { SkepError } from './errors.ts'

/** The log lines that follow a reason's first line may hold secrets: only who has credentials sees them. */
export function diedAtStart(name: string, reason: string): SkepError {
  const [sentence, ...lines] = reason.split('\n')
  const options = lines.length > 0 ? { detail: lines.join('\n') } : {}
  return new SkepError('start_failed', `${name} did not start. ${sentence}`, {
    hint: `Its last lines: skep logs ${name}`,
    ...options,
  })
}
