import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { envsubst } from '../../cli/envsubst.ts'
import { SkepError } from '../../gateway/core/errors.ts'

const variables = {
  NAME: 'hello',
  LONG: 'abcdEFGH28ij',
  EMPTY: '',
  PATH_NAME: '/home/bozo/ideas/thoughts.for.today',
  FILE: 'bash.string.txt',
  MANY: 'abcABC123ABCabc',
  DIR: 'path/to/file',
}
const filled = (text: string) => envsubst(text, variables, 'stack.yml')

describe('envsubst', () => {
  it.each([
    ['plain text: { a: $b }', 'plain text: { a: $b }'],
    ['${NAME}', 'hello'],
    ['a${NAME}b${NAME}', 'ahellobhello'],
    ['${UNSET}', ''],
    ['$NAME stays', '$NAME stays'],
    ['$${NAME}', '${NAME}'],
    ['$$ and $', '$ and $'],
    ['${UNSET:-x}', 'x'],
    ['${EMPTY:-x}', 'x'],
    ['${NAME:-x}', 'hello'],
    ['${UNSET:=x}', 'x'],
    ['${UNSET-x}', 'x'],
    ['${UNSET=x}', 'x'],
    ['${UNSET+x}', 'x'],
    ['${UNSET:+x}', 'x'],
    ['${NAME:+x}', 'hello'],
    ['${UNSET:?x}', 'x'],
    ['${UNSET:-}', ''],
    ['${UNSET:-http://127.0.0.1:8080/}', 'http://127.0.0.1:8080/'],
    ['${UNSET:-a b: c}', 'a b: c'],
    ['${UNSET:-${NAME}}', 'hello'],
    ['${UNSET:-${UNSET2:-deep}}', 'deep'],
    ['${UNSET:-pre${NAME}-post}', 'prehello-post'],
    ['${#LONG}', '12'],
    ['${LONG^}', 'AbcdEFGH28ij'],
    ['${LONG^^}', 'ABCDEFGH28IJ'],
    ['${LONG,,}', 'abcdefgh28ij'],
    ['${MANY,}', 'abcABC123ABCabc'],
    ['${PATH_NAME:11}', 'ideas/thoughts.for.today'],
    ['${PATH_NAME:11:5}', 'ideas'],
    ['${MANY: -3}', 'abc'],
    ['${MANY/%abc/XYZ}', 'abcABC123ABCXYZ'],
    ['${MANY/#abc/XYZ}', 'XYZABC123ABCabc'],
    ['${MANY//abc/xyz}', 'xyzABC123ABCxyz'],
    ['${MANY/abc/xyz}', 'xyzABC123ABCabc'],
    ['${MANY/abc}', 'ABC123ABCabc'],
    ['${DIR//\\//-}', 'path-to-file'],
    ['${FILE#*.}', 'string.txt'],
    ['${FILE##*.}', 'txt'],
    ['${FILE%.*}', 'bash.string'],
    ['${FILE%%.*}', 'bash'],
    ['${DIR#*/}', 'to/file'],
    ['${FILE#nothing}', 'bash.string.txt'],
  ])('makes %s into %s', (text, expected) => {
    expect(filled(text)).toBe(expected)
  })

  it.each(['${', '${NAME', '${}', 'a\n${NAME!}', '${UNSET:-${NAME}'])('refuses %s and names the line', (text) => {
    const line = text.split('\n').length
    expect(() => filled(text)).toThrow(`stack.yml:${line}:`)
  })

  it('changes nothing in a text without a dollar sign', () => {
    const withoutDollar = fc.string().filter((text) => !text.includes('$'))
    fc.assert(fc.property(withoutDollar, (text) => filled(text) === text))
  })

  it('fills in any value as it is, even one that looks like a variable', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (around, value) => {
        const plain = around.replaceAll('$', '')
        expect(envsubst(`${plain}\${V}${plain}`, { V: value }, 'f')).toBe(plain + value + plain)
        expect(envsubst('${NONE:-${V}}', { V: value }, 'f')).toBe(value)
      }),
    )
  })

  it('gives a text back whose dollar signs were doubled', () => {
    fc.assert(fc.property(fc.string(), (text) => filled(text.replaceAll('$', '$$$$')) === text))
  })

  it('either answers or refuses with a place, whatever the text', () => {
    const piece = fc.constantFrom('${', '}', '$', 'NAME', ':-', '#', '%', '/', '\\', ':', '\n', 'x')
    const outcome = (text: string) => {
      try {
        return filled(text)
      } catch (error) {
        return error instanceof SkepError && /^stack\.yml:\d+: /.test(error.message)
      }
    }
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => outcome(pieces.join('')) !== false))
  })
})
