import type { Style } from './output.ts'

/** One field that two specs do not have in common; a side that has none is undefined. */
export interface Change {
  readonly field: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/** What changes from one spec to the other, field by field. What is empty is as good as left out. */
export function changesBetween(from: object, to: object): Change[] {
  const [before, after] = [new Map(fieldsOf(from)), new Map(fieldsOf(to))]
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((field) => ({ field, from: before.get(field), to: after.get(field) }))
    .filter((change) => change.from !== change.to)
}

/** `environment.LOG` and its text, for every text in a spec. A list is one text: its order may matter. */
function fieldsOf(value: object, path: readonly string[] = []): [string, string][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]): [string, string][] => {
    const field = [...path, key]
    if (item === undefined || item === false) return []
    if (Array.isArray(item)) return item.length === 0 ? [] : [[field.join('.'), item.map(textOf).join(', ')]]
    if (typeof item === 'object' && item !== null) return fieldsOf(item, field)
    return [[field.join('.'), textOf(item)]]
  })
}

/** On one line, whatever it holds. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return value === '' || /[\n\r\t]/.test(value) ? JSON.stringify(value) : value
}

/** A line for each change: `+` comes, `-` goes, `~` becomes another. */
export function changeLines(changes: readonly Change[], paint: (style: Style, text: string) => string): string[] {
  const width = Math.max(...changes.map(({ field }) => field.length))
  return changes.map(({ field, from, to }) => {
    const name = field.padEnd(width)
    if (from === undefined) return paint('green', `  + ${name}  ${to}`)
    if (to === undefined) return paint('red', `  - ${name}  ${from}`)
    return paint('yellow', `  ~ ${name}  ${from} → ${to}`)
  })
}
