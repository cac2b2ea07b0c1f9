import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Import {
  /** From the root of the repository. */
  readonly file?: string
  /** `node:…` too; `(computed)` if it is known only at run time. */
  readonly package?: string
  /** `type`: gone when the file runs. `lazy`: loaded when the line runs. */
  readonly kind: 'value' | 'type' | 'lazy'
}

export interface Source {
  readonly path: string
  readonly imports: readonly Import[]
  readonly readsEnvironment: boolean
}

/** What the files of these folders import. */
export function readSources(...folders: string[]): Source[] {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,mts,js,mjs,cjs}`)
  return globSync(patterns, { cwd: root }).toSorted().map(readSource)
}

function readSource(path: string): Source {
  const program = parseAst(readFileSync(join(root, path), 'utf8'), { lang: path.endsWith('ts') ? 'ts' : 'js' })
  const nodes = [...walk(program)]
  const imports = nodes.filter(isImport).map((node) => ({ ...targetOf(node, path), kind: kindOf(node) }))
  return { path, imports, readsEnvironment: nodes.some(isEnvironment) }
}

type Node = Readonly<Record<string, unknown>>

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item)
  else if (isNode(value)) {
    yield value
    yield* walk(Object.values(value))
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

function isImport({ type, source }: Node): boolean {
  return isNode(source) && /^(Import|Export\w+)Declaration$|^ImportExpression$|^TSImportType$/.test(String(type))
}

function kindOf({ type, importKind, exportKind, specifiers }: Node): Import['kind'] {
  if (type === 'ImportExpression') return 'lazy'
  const single = Array.isArray(specifiers) && specifiers.length > 0 ? specifiers : [{}]
  const onlyTypes = single.every((specifier: Node) => (specifier['importKind'] ?? specifier['exportKind']) === 'type')
  return type === 'TSImportType' || importKind === 'type' || exportKind === 'type' || onlyTypes ? 'type' : 'value'
}

function targetOf({ source }: Node, path: string): Pick<Import, 'file' | 'package'> {
  const name = isNode(source) && typeof source['value'] === 'string' ? source['value'] : '(computed)'
  if (name.startsWith('.')) return { file: join(dirname(path), name) }
  const [first = '', second = ''] = name.split('/')
  return { package: first.startsWith('@') ? `${first}/${second}` : first }
}

/** `process.env`, in whatever way it is written. */
function isEnvironment({ type, object, property, init, source }: Node): boolean {
  const named = (value: unknown, name: string) => isNode(value) && value['name'] === name
  if (type === 'MemberExpression') return named(object, 'process') && named(property, 'env')
  if (type === 'VariableDeclarator') return named(init, 'process')
  return type === 'ImportDeclaration' && isNode(source) && source['value'] === 'node:process'
}
