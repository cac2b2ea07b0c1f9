/**
 * BuildKit sets these itself, the classic builder leaves them empty, and then `FROM --platform=${TARGETPLATFORM:-linux/amd64}`
 * takes the wrong image on ARM.
 */
export interface Platforms {
  /** What the image is for: `linux/arm/v7`. */
  readonly target: string
  /** What builds it. */
  readonly build: string
}

/** Only what the Dockerfile speaks of: the engine warns about the rest. */
export function platformArguments({ target, build }: Platforms, dockerfile: string): Record<string, string> {
  const all = [...about('TARGET', target), ...about('BUILD', build)]
  return Object.fromEntries(all.filter(([name]) => mentions(dockerfile, name)))
}

/** The Dockerfile with a declaration of each that a FROM uses: without it the classic builder takes it for empty there. */
export function declared(dockerfile: string): string {
  const froms = dockerfile.match(/^\s*FROM\s.*/gim) ?? []
  const names = about('TARGET', '')
    .concat(about('BUILD', ''))
    .map(([name]) => name)
  const used = names.filter((name) => froms.some((line) => mentions(line, name)))
  const at = dockerfile.search(/^\s*FROM\s/im)
  return dockerfile.slice(0, at) + used.map((name) => `ARG ${name}\n`).join('') + dockerfile.slice(at)
}

const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text)

function about(prefix: 'TARGET' | 'BUILD', platform: string): [string, string][] {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  const parts = { PLATFORM: platform, OS: os, ARCH: architecture, VARIANT: variant }
  return Object.entries(parts).map(([part, value]) => [prefix + part, value])
}
