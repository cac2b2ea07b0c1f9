import { basename } from 'node:path'
import { buildContext } from '../../cli/build-context.ts'
import { packed } from '../../cli/context-out.ts'
import { readyContext } from '../../cli/dockerfile.ts'
import { followEvents } from '../../cli/engine-events.ts'
import { mentionedArguments } from '../../cli/platform-arguments.ts'
import { findTemplate } from '../../cli/template.ts'
import { startBuild } from '../../gateway/buildkit/build.ts'
import { messageOf } from '../../gateway/core/errors.ts'
import type { RunningHandler } from '../contract/runtime.ts'
import type { BaseImage } from '../lab/recipes.ts'
import { baseImage, docker } from './engine.ts'
import type { Environment } from './runtime-process.ts'
import { until } from './until.ts'

/** Where a template takes its images from here: `{ BASE_IMAGE: 'python' }`. */
export type Bases = Readonly<Record<string, BaseImage>>

/** Builds an image as `skep build` does. */
export async function buildTemplate(name: string, folder: string, bases: Bases): Promise<string> {
  const template = name === 'dockerfile' ? undefined : await findTemplate(folder, name)
  const files = await buildContext({ cwd: folder, handler: folder, template, copy: [] })
  const images = Object.entries(bases).map(async ([argument, base]) => [argument, await baseImage(base)] as const)
  const buildargs = Object.fromEntries(await Promise.all(images))
  const tag = `skep-test/${name}-${basename(folder)}:local`
  const ready = await readyContext(name, files)
  const { Os, Arch } = await docker().version()
  const platform = `${Os}/${Arch}`
  const platforms = mentionedArguments(ready.dockerfile, platform, platform)
  const settings = { t: tag, buildargs: { ...platforms, ...buildargs } }
  const stream = await startBuild(docker().modem, { context: packed(ready.files), settings, answers: {} })
  const said: string[] = []
  await followEvents(stream, ({ stream: line = '' }) => said.push(line)).catch((error: unknown) => {
    throw new Error(`${messageOf(error)}\n${said.slice(-20).join('\n')}`)
  })
  return tag
}

/** Runs an image with no more rights than a function has. */
export async function startImage(image: string, environment: Environment = {}): Promise<RunningHandler> {
  const container = await docker().createContainer({
    Image: image,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    HostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'], Tmpfs: { '/tmp': '' } },
  })
  let logs = ''
  const output = await container.attach({ stream: true, stdout: true, stderr: true })
  const keep = { write: (chunk: Buffer) => void (logs += chunk.toString()) } as unknown as NodeJS.WritableStream
  docker().modem.demuxStream(output, keep, keep)
  await container.start()
  const { NetworkSettings } = await container.inspect()
  const url = `http://${NetworkSettings.Networks['bridge']?.IPAddress}:8080`
  await until(async () => (await fetch(`${url}/_/health`).catch(() => undefined))?.ok)
  return {
    url,
    logs: () => logs,
    stop: async () => {
      const exited = container.wait() as Promise<{ StatusCode: number }>
      await container.kill({ signal: 'SIGTERM' })
      const { StatusCode } = await exited
      await container.remove()
      return StatusCode
    },
  }
}
