import { asSkepError, SkepError } from '../gateway/core/errors.ts'
import type { Output } from './output.ts'

/** Works on several named things, `limit` at a time. All are tried; afterwards what failed is told, and this rejects. */
export async function inParallel<T>(
  out: Output,
  things: readonly (readonly [name: string, thing: T])[],
  limit: number,
  work: (name: string, thing: T) => Promise<void>,
): Promise<void> {
  const waiting = [...things]
  const failures: SkepError[] = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await work(...next).catch((error: unknown) => failures.push(asSkepError(error)))
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  const [first] = failures
  if (first === undefined) return
  if (things.length === 1) throw first
  for (const failure of failures) out.fail(failure)
  throw new SkepError(first.code, `${failures.length} of ${things.length} functions failed.`, {
    hint: 'Why is told above; --filter NAME tries one of them again.',
  })
}
