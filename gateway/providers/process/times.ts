import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { writeWhole } from './files.ts'

/** More than these are thinned out: old lines then get the time of a line soon after them. */
const mostMarks = 2000

/** What was before `offset` had been written at that time. */
interface Mark {
  readonly offset: number
  readonly at: number
}

/** When the bytes of a log were written, as far as it was measured; and where in all of them its file begins. */
export class LogTimes {
  readonly #file: string
  #begin = 0
  #marks: Mark[] = []

  constructor(file: string) {
    this.#file = file
    if (!existsSync(file)) return
    const [first, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n').map(markOf)
    this.#begin = first?.offset ?? 0
    this.#marks = lines
  }

  get begin(): number {
    return this.#begin
  }

  get end(): number {
    return this.#marks.at(-1)?.offset ?? this.#begin
  }

  /** All before `offset` is written now. */
  mark(offset: number): void {
    if (offset <= this.end) return
    const mark = { offset, at: Date.now() }
    this.#marks.push(mark)
    if (this.#marks.length === 1) this.#rewrite()
    else if (this.#marks.length > mostMarks) this.#thinOut()
    else appendFileSync(this.#file, lineOf(mark))
  }

  /** The file begins at `begin` now, and nothing before `kept` is there any more. */
  cut(begin: number, kept: number): void {
    this.#begin = begin
    this.#marks = this.#marks.filter(({ offset }) => offset > kept)
    this.#rewrite()
  }

  /** When the byte before `offset` was written. */
  at(offset: number): Date {
    let [low, high] = [0, this.#marks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#marks[middle]?.offset ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return new Date(this.#marks[low]?.at ?? Date.now())
  }

  #thinOut(): void {
    this.#marks = this.#marks.filter((_, index) => index % 2 === 1 || index === this.#marks.length - 1)
    this.#rewrite()
  }

  /** The first line is where the file begins. */
  #rewrite(): void {
    writeWhole(this.#file, [{ offset: this.#begin, at: 0 }, ...this.#marks].map(lineOf).join(''))
  }
}

const lineOf = ({ offset, at }: Mark): string => `${offset} ${at}\n`

function markOf(line: string): Mark {
  const [offset, at] = line.split(' ').map(Number)
  return { offset: offset ?? 0, at: at ?? 0 }
}
