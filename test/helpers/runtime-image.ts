import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunningHandler } from '../contract/runtime.ts'
import { done } from '../lab/progress.ts'
import type { BaseImage } from '../lab/recipes.ts'
import { run } from '../lab/shell.ts'
import { baseImage, docker } from './engine.ts'
import { until } from './until.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Where a template takes its images from here: `{ BASE_IMAGE: 'python' }`. */
export type Bases = Readonly<Record<string, BaseImage>>

/** Builds an image as `skep build` does: the template, the runtime as `runtime/`, the folder as `function/`. */
export async function buildTemplate(template: string, folder: string, bases: Bases): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'skep-context-'))
  try {
    cpSync(here(`templates/${template}`), context, { recursive: true })
    rmSync(join(context, 'function'), { recursive: true, force: true })
    const runtime = /^runtime: (.+)$/m.exec(readFileSync(join(context, 'template.yml'), 'utf8'))?.[1]
    if (runtime) cpSync(here(`runtimes/${runtime}`), join(context, 'runtime'), { recursive: true })
    cpSync(folder, join(context, 'function'), { recursive: true })
    const images = Object.entries(bases).map(async ([name, base]) => [name, await baseImage(base)] as const)
    const tag = `skep-test/${template}-${folder.split('/').at(-1)}:local`
    await run('tar', ['-C', context, '-cf', `${context}.tar`, '.'])
    const buildargs = Object.fromEntries(await Promise.all(images))
    await done(docker(), await docker().buildImage(`${context}.tar`, { t: tag, buildargs, forcerm: true }))
    return tag
  } finally {
    rmSync(context, { recursive: true })
    rmSync(`${context}.tar`, { force: true })
  }
}

/** Runs an image with no more rights than a function has. */
export async function startImage(
  image: string,
  environment: Readonly<Record<string, string>>,
): Promise<RunningHandler> {
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
