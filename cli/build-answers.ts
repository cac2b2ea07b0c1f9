import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Answers } from '../gateway/buildkit/session.ts'
import { SkepError } from '../gateway/core/errors.ts'
import type { ImageJob } from './image-job.ts'
import type { StackFunction } from './stack-schema.ts'
import type { Template } from './template.ts'

/** What the function's build is told when it asks; undefined where the classic builder has to do. */
export async function buildAnswers({ context, engine, flags, name, entry, template }: ImageJob) {
  const asked = askedFor(entry, template)
  if (engine.hasBuildKit && !flags.squash) {
    const answers: Answers = {
      secrets: await secretsOf(entry, context.cwd),
      sshAgent: template?.mount_ssh ? agentOf(name, context.env.sshAgent) : undefined,
    }
    return answers
  }
  if (asked === undefined) return undefined
  throw new SkepError('not_supported', `The build of ${name} needs ${asked}, which the classic builder lacks.`, {
    hint: 'BuildKit has that: leave out --squash and DOCKER_BUILDKIT=0.',
  })
}

/** What only BuildKit has, and only where the files are; undefined when nothing of it is needed. */
export function askedFor(entry: StackFunction, template: Template | undefined): string | undefined {
  if (Object.keys(entry.build_secrets).length > 0) return 'build_secrets'
  return template?.mount_ssh ? 'an SSH agent' : undefined
}

async function secretsOf({ build_secrets: files }: StackFunction, cwd: string): Promise<ReadonlyMap<string, Buffer>> {
  const read = async (path: string): Promise<Buffer> => {
    const missing = () =>
      new SkepError('invalid_request', `There is no file ${path}, which build_secrets names.`, {
        hint: 'Its paths are seen from the folder in which the command runs.',
      })
    return readFile(resolve(cwd, path)).catch(() => Promise.reject(missing()))
  }
  return new Map(await Promise.all(Object.entries(files).map(async ([id, path]) => [id, await read(path)] as const)))
}

function agentOf(name: string, socket: string | undefined): string {
  if (socket !== undefined) return socket
  throw new SkepError('invalid_request', `The build of ${name} needs an SSH agent, and none runs here.`, {
    hint: 'Start one and give it your key: eval "$(ssh-agent)" && ssh-add',
  })
}
