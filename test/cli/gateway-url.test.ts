import { expect, it } from 'vitest'
import { chosenGateway } from '../../cli/gateway.ts'

const [a, b, c] = ['http://a:1', 'http://b:1', 'http://c:1'] as const
const usual = 'http://127.0.0.1:8080'

it.each([
  ['the default when nothing is said', [undefined, undefined, undefined], usual],
  ['the flag over all', [a, b, c], a],
  ['the file over the variable', [undefined, b, c], c],
  ['the variable over the default', [undefined, b, undefined], b],
  ['the variable over a file that only says the default', [undefined, b, usual], b],
  ['the flag, even when it says the default', [usual, b, c], usual],
  [
    'a URL without its last slash and in small letters',
    ['HTTP://Example.org/', undefined, undefined],
    'http://example.org',
  ],
] as const)('chooses %s', (_, [flag, variable, file], expected) => {
  expect(chosenGateway(flag, variable, file)).toBe(expected)
})

it('refuses what is no URL', () => {
  expect(() => chosenGateway('gateway', undefined)).toThrow('"gateway" is not a URL.')
})
