import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf, SkepError } from '../gateway/core/errors.ts'

const fiveMinutesMs = 300_000

/** Runs the git program; resolves with what it printed, rejects with what it says is wrong. */
export async function git(
  words: readonly string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  // It shall fail rather than ask for a password, and speak no protocol that starts a program of the address' choice.
  const env = { ...options.env, GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh' }
  const run = promisify(execFile)('git', words, { ...options, env, timeout: fiveMinutesMs })
  const { stdout } = await run.catch((cause: NodeJS.ErrnoException & { stderr?: string }) => {
    throw cause.code === 'ENOENT' ? notInstalled(cause) : gitFailed(words, cause)
  })
  return stdout.trim()
}

const notInstalled = (cause: unknown) =>
  new SkepError('invalid_request', 'The program git is not installed here.', {
    cause,
    hint: 'Install it ("apt install git"), or give a folder instead of an address.',
  })

function gitFailed(words: readonly string[], cause: Error & { stderr?: string }): SkepError {
  return new SkepError('upstream_failed', `git ${words.find((word) => !word.startsWith('-'))} failed.`, {
    cause,
    detail: cause.stderr?.trim() || messageOf(cause),
    hint: 'Is the address right, and can this machine reach and read it without a password?',
  })
}
