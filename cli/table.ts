import { stripVTControlCharacters } from 'node:util'

const gap = 2
/** A column that is cut keeps at least so much of its texts. */
const leastWidth = 8

/** Rows as lines with aligned columns; cut to `width`, the widest columns first, where there is one. */
export function columns(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, lengthOf(cell))))
  narrow(widths, width)
  return rows.map((row) =>
    row
      .map((cell, index) => padded(cell, widths[index] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}

const lengthOf = (cell: string) => stripVTControlCharacters(cell).length

/** Takes from the widest column until all of them fit, or none can give any more. */
function narrow(widths: number[], width: number): void {
  const tooMuch = () => widths.reduce((sum, one) => sum + one + gap, -gap) - width
  for (let excess = tooMuch(); excess > 0; excess = tooMuch()) {
    const widest = widths.indexOf(Math.max(...widths))
    const [next = 0] = widths.filter((_, index) => index !== widest).toSorted((one, other) => other - one)
    const own = widths[widest] ?? 0
    if (own <= leastWidth) return
    widths[widest] = Math.max(leastWidth, own - excess, Math.min(own - 1, next))
  }
}

function padded(cell: string, width: number): string {
  const length = lengthOf(cell)
  if (length <= width) return cell + ' '.repeat(width - length)
  return `${stripVTControlCharacters(cell).slice(0, width - 1)}…`
}
