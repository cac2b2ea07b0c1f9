import { SkepError } from './errors.ts'

const detailLines = 20
/** Empty lines, and the classic builder's talk of its own containers. */
const noise = /^\s*$|^ ---> |^Removing intermediate container /

/** What a builder says, without what tells nobody anything. */
export const toldLines = (text: string): string[] => text.split('\n').filter((line) => !noise.test(line))

/** `said`: all that the builder said. */
export function notBuilt(name: string, cause: string, said: readonly string[]): SkepError {
  const reason = cause.trim()
  const isForeign = [reason, ...said].some((line) => line.includes('exec format error'))
  return new SkepError('build_failed', `The image of ${name} was not built: ${reason}.`, {
    detail: said.slice(-detailLines).join('\n'),
    ...(isForeign && {
      hint: 'The engine cannot run programs of that processor. On Debian: apt install qemu-user-static.',
    }),
  })
}

export const wrongProcessor = (name: string, wanted: string, made: string): SkepError =>
  new SkepError('build_failed', `The image of ${name} is for ${made} and not for ${wanted}.`, {
    hint: 'See that its base image exists for that platform, and that no FROM in its Dockerfile names another.',
  })
