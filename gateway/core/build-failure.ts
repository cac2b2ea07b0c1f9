import { SkepError } from './errors.ts'

const detailLines = 20
/** Empty lines, and the classic builder's talk of its own containers. */
const noise = /^\s*$|^ ---> |^Removing intermediate container /

/** What a builder says, without what tells nobody anything. */
export const toldLines = (text: string): string[] => text.split('\n').filter((line) => !noise.test(line))

/** Keeps of what is said as much as a failure shows: a build may print without an end. */
export function keepLast(said: string[], line: string): void {
  said.push(line)
  if (said.length > detailLines) said.shift()
}

/** `said`: the last that the builder said. */
export function notBuilt(name: string, cause: string, said: readonly string[]): SkepError {
  const reason = cause.replace(frontendTalk, '').trim().replace(/\.$/, '')
  const all = [reason, ...said]
  const hint = hints.find(([sign]) => all.some((line) => sign.test(line)))?.[1]
  return new SkepError('build_failed', `The image of ${name} was not built: ${reason}.`, {
    detail: said.join('\n'),
    hint,
  })
}

/** Which parts of BuildKit handed an error on. */
const frontendTalk = /^(failed to solve( with frontend \S+)?: |failed to create LLB definition: |failed to load LLB: )+/

const hints: readonly (readonly [RegExp, string])[] = [
  [/exec format error/, 'The engine cannot run programs of that processor. On Debian: apt install qemu-user-static.'],
  [
    /HTTP response to HTTPS client/,
    'Name the registry as "http://HOST:PORT" in the engine’s insecure-registries: BuildKit heeds no networks there.',
  ],
  [/requires BuildKit/, 'The classic builder was asked to build. Leave out DOCKER_BUILDKIT=0 and --squash.'],
  [
    /dockerfile parse error.*unknown (instruction|flag)/i,
    'If a newer Docker knows it: begin the Dockerfile with "# syntax=docker/dockerfile:1".',
  ],
]

export const wrongProcessor = (name: string, wanted: string, made: string): SkepError =>
  new SkepError('build_failed', `The image of ${name} is for ${made} and not for ${wanted}.`, {
    hint: 'See that its base image exists for that platform, and that no FROM in its Dockerfile names another.',
  })
