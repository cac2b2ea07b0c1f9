import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SkepError } from '../core/errors.ts'
import type { Builder, BuildInput, BuildRequest } from '../core/image-build.ts'
import type { Provider } from '../core/ports.ts'
import { Slots } from './slots.ts'

export interface BuilderOptions {
  readonly provider: Provider
  /** Where contexts lie while they are built; what an earlier gateway left there is removed. */
  readonly folder: string
  readonly maxContextBytes: number
  readonly timeoutMs: number
  /** Builds at the same time. */
  readonly parallel: number
}

/** Builds images of what callers send, where the functions run. */
export async function builder({ provider, folder, ...limits }: BuilderOptions): Promise<Builder> {
  const slots = new Slots(limits.parallel)
  await rm(folder, { recursive: true, force: true })

  const build = async (request: BuildRequest, { context, progress, signal: left }: BuildInput): Promise<string> => {
    if (!provider.build) throw cannotBuild(provider.name)
    const file = join(folder, `${crypto.randomUUID()}.tar`)
    const timeout = AbortSignal.timeout(limits.timeoutMs)
    const signal = AbortSignal.any([left, timeout])
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // Only who builds pays for what reads archives.
      const { keepContext } = await import('./context.ts')
      await keepContext(context, file, { maxBytes: limits.maxContextBytes, signal })
      return await provider.build({ ...request, context: file, progress, signal })
    } catch (error) {
      throw timeout.aborted && !left.aborted ? tookTooLong(request.name, limits.timeoutMs, error) : error
    } finally {
      await rm(file, { force: true })
    }
  }

  return async (request, sent) => {
    const { signal, progress } = sent
    if (slots.areTaken) progress('Waiting for another build …')
    try {
      return await slots.run(() => build(request, sent), signal)
    } catch (error) {
      if (!signal.aborted) throw error
      throw new SkepError('caller_left', 'The caller left before the image was built.', {
        cause: error,
        hint: undefined,
      })
    }
  }
}

const cannotBuild = (name: string): SkepError =>
  new SkepError('not_supported', `The ${name} provider builds nothing.`, {
    hint: 'Build the image with "skep publish" and deploy that, or have a gateway with SKEP_PROVIDER=docker or swarm build.',
  })

const tookTooLong = (name: string, timeoutMs: number, cause: unknown): SkepError =>
  new SkepError('build_failed', `${name} was not built within ${timeoutMs / 1000} s.`, {
    cause,
    hint: 'Raise SKEP_BUILD_TIMEOUT, or build it on a quicker machine with "skep publish".',
  })
