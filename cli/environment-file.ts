import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseRawYaml } from './raw-yaml.ts'
import { withoutNulls } from './stack-schema.ts'

const EnvironmentFile = z.object({ environment: z.record(z.string(), z.string()) })

/** The variables of an `environment_file`, or a sentence about what is wrong with it. */
export async function readEnvironmentFile(file: string): Promise<Readonly<Record<string, string>> | string> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return `there is no file ${file}`
  const { value, problems, lineOf } = parseRawYaml(text)
  for (const { line, message } of problems) return `${file}:${line}: ${message}`
  const { data, error } = EnvironmentFile.safeParse(withoutNulls(value))
  if (data) return data.environment
  return `${file}:${lineOf(error.issues[0]?.path ?? [])}: needs a map "environment" of names and texts`
}
