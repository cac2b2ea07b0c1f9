import { SkepError } from '../gateway/core/errors.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Fills in `${NAME}` and the shell's forms of it. `$$` is a dollar sign and `$NAME` stays as it is, as faas-cli has it;
 * an unset variable is empty, and every kind of default (`:-`, `=`, `+`, `:?` …) is used when the value is empty.
 */
export function envsubst(text: string, variables: Variables, file: string): string {
  return new Substitution(text, variables, file).text('')
}

class Substitution {
  readonly #source: string
  readonly #variables: Variables
  readonly #file: string
  #at = 0

  constructor(source: string, variables: Variables, file: string) {
    this.#source = source
    this.#variables = variables
    this.#file = file
  }

  /** Everything up to one of `stops`, or to the end when there are none. A backslash keeps a stop from stopping. */
  text(stops: string): string {
    let result = ''
    for (;;) {
      const plain = this.#take(stops === '' ? /[^$]+/y : /[^$\\/:}]+/y)
      result += plain ?? ''
      if (this.#take(/\$\{/y) !== undefined) result += this.#expression()
      else if (stops === '') {
        if (this.#at === this.#source.length) return result
        result += (this.#take(/\$\$?/y) ?? '').slice(0, 1)
      } else if (stops.includes(this.#next())) return result
      else result += this.#take(/\\[\\/}]/y)?.slice(1) ?? this.#take(/[^]/y) ?? this.#fail()
    }
  }

  /** What follows `${`, with its closing brace. */
  #expression(): string {
    if (this.#take(/#/y)) return String(this.#value().length) + this.#close()
    const value = this.#value()
    const operator = this.#take(/:?[-=+?]|\^\^?|,,?|##?|%%?|\/[/#%]?|:/y) ?? ''
    if (operator === '') return value + this.#close()
    if (operator.startsWith('/')) return this.#replaced(value, operator)
    if (operator === ':') return this.#part(value)
    const word = this.text('}')
    this.#close()
    if ('^,'.includes(operator.charAt(0))) return cased(value, operator)
    if ('#%'.includes(operator.charAt(0))) return trimmed(value, operator, word)
    return value || word
  }

  #value(): string {
    return this.#variables[this.#take(/\w+/y) ?? this.#fail()] ?? ''
  }

  #replaced(value: string, operator: string): string {
    const from = this.text('/}')
    const to = this.#take(/\//y) === undefined ? '' : this.text('}')
    this.#close()
    if (operator === '//') return value.replaceAll(from, () => to)
    if (operator === '/#') return value.startsWith(from) ? to + value.slice(from.length) : value
    if (operator === '/%') return value.endsWith(from) ? value.slice(0, value.length - from.length) + to : value
    return value.replace(from, () => to)
  }

  #part(value: string): string {
    const start = Number(this.text(':}'))
    const length = this.#take(/:/y) === undefined ? undefined : Number(this.text('}'))
    this.#close()
    if (Number.isNaN(start) || Number.isNaN(length)) return value
    const from = start < 0 ? Math.max(0, value.length + start) : start
    return value.slice(from, length === undefined ? undefined : from + length)
  }

  #close(): string {
    return this.#take(/\}/y) === undefined ? this.#fail() : ''
  }

  #next(): string {
    return this.#source[this.#at] ?? this.#fail()
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #fail(): never {
    const line = this.#source.slice(0, this.#at).split('\n').length
    throw new SkepError('invalid_request', `${this.#file}:${line}: there is a \${…} that cannot be read.`, {
      hint: 'Write $${…} for one that should stay as it is, or give --envsubst=false.',
    })
  }
}

function cased(value: string, operator: string): string {
  const change = (text: string) => (operator.startsWith('^') ? text.toUpperCase() : text.toLowerCase())
  return operator.length === 2 ? change(value) : change(value.slice(0, 1)) + value.slice(1)
}

/** `#` and `%` take the shortest match off the front or the end, `##` and `%%` the longest. */
function trimmed(value: string, operator: string, glob: string): string {
  const any = operator.length === 2 ? '.*' : '.*?'
  const pattern = glob.replace(/[.+^${}()|[\]\\*?]/g, (sign) => (sign === '*' ? any : sign === '?' ? '.' : `\\${sign}`))
  if (operator.startsWith('#')) return value.replace(new RegExp(`^${pattern}`, 's'), '')
  // A lazy pattern does not look for the shortest end by itself: what stands before it has to be greedy.
  const kept = operator === '%' ? '.*' : '.*?'
  return value.replace(new RegExp(`^(${kept})${pattern}$`, 's'), '$1')
}
