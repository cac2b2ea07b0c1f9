import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'

export interface RawYaml {
  /** Every scalar as the text that it was written with, as Go reads a map of strings: `01`, `1e3`, `yes`. Nothing is null. */
  readonly value: unknown
  readonly problems: readonly { readonly line: number; readonly message: string }[]
  /** The line of the deepest part of the path that is there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

export function parseRawYaml(text: string): RawYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  })
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && node.type === 'PLAIN' && /^(~|null|Null|NULL)?$/.test(node.source ?? '')) node.value = null
    },
  })
  const problems = document.errors.map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    message,
  }))
  return {
    value: problems.length === 0 ? document.toJS() : undefined,
    problems,
    lineOf: (path) => lines.linePos(offsetOf(document, path)).line,
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const step of path) {
    const next = child(isAlias(node) ? node.resolve(document) : node, step)
    if (!next) break
    ;({ node, offset } = next)
  }
  return offset
}

function child(node: unknown, step: PropertyKey): { node: unknown; offset: number } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined
    return item && { node: item, offset: item.range?.[0] ?? 0 }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step))
  return pair && { node: pair.value, offset: (pair.key as Node).range?.[0] ?? 0 }
}
