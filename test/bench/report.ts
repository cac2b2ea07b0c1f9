/** What a bench has measured. */
export interface Report {
  /** One object per line of the table; all of them have the same keys. */
  readonly rows: readonly Readonly<Record<string, string | number>>[]
  readonly goals: readonly Goal[]
}

export interface Goal {
  readonly goal: string
  readonly measured: number
  readonly met: boolean
}

export function printReport(name: string, { rows, goals }: Report): void {
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)))
  const line = (cells: readonly string[]): string => cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')
  console.log(`\n${name}\n\n${line(columns)}`)
  for (const row of rows) console.log(line(columns.map((column) => String(row[column]))))
  console.log()
  for (const { goal, measured, met } of goals) console.log(`${met ? 'met    ' : 'NOT MET'}  ${goal}: ${measured}`)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))
