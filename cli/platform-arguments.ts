import { platformArguments } from '../gateway/core/platform.ts'

/** Only what the Dockerfile speaks of: the engine warns about the rest. */
export function mentionedArguments(dockerfile: string, target: string, build: string): Record<string, string> {
  const all = Object.entries(platformArguments(target, build))
  return Object.fromEntries(all.filter(([name]) => mentions(dockerfile, name)))
}

/** The Dockerfile with a declaration of each that a FROM uses: without it the classic builder takes it for empty there. */
export function declared(dockerfile: string): string {
  const froms = dockerfile.match(/^\s*FROM\s.*/gim) ?? []
  const used = Object.keys(platformArguments('', '')).filter((name) => froms.some((line) => mentions(line, name)))
  const at = dockerfile.search(/^\s*FROM\s/im)
  return dockerfile.slice(0, at) + used.map((name) => `ARG ${name}\n`).join('') + dockerfile.slice(at)
}

const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text)
