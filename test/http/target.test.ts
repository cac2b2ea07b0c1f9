import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFunctionTarget, splitFunctionTarget, targetProblem } from '../../gateway/http/target.ts'

describe('the raw target of a request', () => {
  it.each([
    ['absolute form', 'http://evil/function/hello'],
    ['asterisk form', '*'],
    ['authority form', 'evil:80'],
    ['nothing', ''],
    ['a parent segment', '/function/../system/functions'],
    ['a parent segment at the end', '/function/hello/..'],
    ['an encoded parent segment', '/function/%2e%2e/system/functions'],
    ['a half encoded parent segment', '/function/.%2E/system'],
    ['a parent segment with a parameter', '/function/hello/..;x=1/system'],
    ['a dot segment', '/function/./hello'],
    ['an encoded dot segment', '/function/%2e/hello'],
    ['an encoded slash', '/function/..%2fsystem/functions'],
    ['an encoded slash in upper case', '/function/a%2Fb'],
    ['an encoded backslash', '/function/a%5cb'],
    ['a backslash', '/function/a\\..\\b'],
    ['an encoded NUL', '/function/a%00b'],
    ['an empty segment', '/function//hello'],
    ['an empty first segment', '//evil/function/hello'],
    ['a fragment', '/function/hello#x'],
    ['a blank', '/function/hello world'],
    ['a control character', '/function/hello\u0007'],
    ['a control character in the query', '/function/hello?a=\u0000'],
    ['everything at once', '/a%2Fb//c/./d/../e%20f;x=1'],
  ])('is refused with %s', (_, target) => {
    expect(targetProblem(target)).toMatch(/\.$/)
  })

  it.each([
    '/',
    '/function/hello',
    '/a%20b;x=1/%E4%BD%A0?q=a%2Fb//..',
    '/function/hello/...',
    '/function/hello/..a/.b/c..',
    '/function/hello/%252e%252e/',
    '/function/hello?next=http://x/../y\\z%00#',
    "/function/hello/~!$&'()*+,;=:@-._",
    '/function/hello/\xe4\xbd\xa0',
  ])('is let pass as %s', (target) => {
    expect(targetProblem(target)).toBeUndefined()
  })
})

/** Pieces that path readers disagree about, between harmless ones. */
const piece = fc.constantFrom(
  '/',
  '.',
  '..',
  '%2e',
  '%2E',
  '%2f',
  '%5C',
  '%00',
  '\\',
  ';',
  '#',
  '?',
  'a',
  'system',
  '%61',
)
const anyTarget = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/function/${pieces.join('')}`),
  fc.webUrl({ withQueryParameters: true }).map((url) => new URL(url).pathname),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => `/function/${text}`),
)

describe('a target that is let pass', () => {
  it('names the same route to a reader that normalises URLs, such as Hono', () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        fc.pre(targetProblem(target) === undefined)
        const normalised = new URL(target, 'http://gateway').pathname
        expect(normalised.startsWith('/function/')).toBe(isFunctionTarget(target))
        expect(decodeLoosely(normalised).split('/')).not.toContain('..')
      }),
      { numRuns: 10_000 },
    )
  })

  it('is the name and the rest, and nothing of it is lost', () => {
    fc.assert(
      fc.property(anyTarget, (target) => {
        fc.pre(isFunctionTarget(target))
        const { name, rest } = splitFunctionTarget(target)
        expect(name).not.toMatch(/[/?]/)
        expect(rest.startsWith('/')).toBe(true)
        expect([`/function/${name}${rest}`, `/function/${name}${rest.slice(1)}`]).toContain(target)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['/function/hello', 'hello', '/'],
    ['/function/hello/', 'hello', '/'],
    ['/function/hello?a=b', 'hello', '/?a=b'],
    ['/function/hello.ns/x/y?a=/b', 'hello.ns', '/x/y?a=/b'],
    ['/function/', '', '/'],
  ])('%s is split', (target, name, rest) => {
    expect(splitFunctionTarget(target)).toEqual({ name, rest })
  })
})

function decodeLoosely(path: string): string {
  return path.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
