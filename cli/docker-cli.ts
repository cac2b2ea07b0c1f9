import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { SkepError } from '../gateway/core/errors.ts'

export type DockerCli = (...args: readonly string[]) => Promise<string>

/** The program `docker` itself: a stack is deployed by nothing else. Resolves with what it printed. */
export function dockerCli(variables: NodeJS.ProcessEnv): DockerCli {
  return async (...args) => {
    const child = spawn('docker', args, { env: variables, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    const code = await ended.catch((cause: unknown) => Promise.reject(noDocker(cause)))
    const [stdout, stderr] = await said
    if (code === 0) return stdout.trim()
    throw new SkepError('provider_unavailable', `"docker ${args.slice(0, 2).join(' ')}" failed.`, {
      detail: stderr,
      hint: 'That is what Docker says: mend it and run the same again.',
    })
  }
}

/** One JSON document a line, as `--format json` prints. */
export const documentsOf = <T>(printed: string): T[] =>
  printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

const noDocker = (cause: unknown) =>
  new SkepError('provider_unavailable', 'There is no program "docker" here.', {
    cause,
    hint: 'Install it first: curl -fsSL https://get.docker.com | sh',
  })
