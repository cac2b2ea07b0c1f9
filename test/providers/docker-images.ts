import { Readable } from 'node:stream'
import { tarOf } from '../../gateway/providers/engine/tar.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { done } from '../lab/progress.ts'

/** An image with a shell, and what these lines of a Dockerfile add to it. */
export async function smallImage(name: string, lines: readonly string[], platform = ''): Promise<string> {
  const tag = `skep-test/${name}:local`
  // For another processor there is no base here, and nothing of it has to run.
  const from = platform ? 'scratch' : await baseImage('busybox')
  const dockerfile = Buffer.from([`FROM ${from}`, ...lines].join('\n'))
  const context = Readable.from([tarOf([{ name: 'Dockerfile', mode: '0644', content: dockerfile }])])
  await done(docker(), await docker().buildImage(context, { t: tag, platform }))
  return tag
}
