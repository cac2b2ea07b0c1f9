import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../gateway/core/errors.ts'
import type { DockerCli } from '../docker-cli.ts'
import { gatewayClient } from '../gateway-client.ts'
import type { Ground } from './ground.ts'

const lookEveryMs = 500

/** Resolves with the URL of the first manager on which the gateway takes the password, once all of the stack runs. */
export async function firstAnswer(
  docker: DockerCli,
  { nodes }: Ground,
  wait: { readonly stack: string; readonly authorization: string; readonly timeoutMs: number },
): Promise<string> {
  const urls = nodes.filter(({ role }) => role === 'manager').map(({ address }) => `http://${hostOf(address)}:8080`)
  const deadline = Date.now() + wait.timeoutMs
  while (Date.now() < deadline) {
    for (const url of (await allRun(docker, wait.stack)) ? urls : []) {
      if (await answers(url, wait.authorization)) return url
    }
    await sleep(lookEveryMs)
  }
  const format = '{{.Name}} {{.CurrentState}} {{.Error}}'
  throw new SkepError('gateway_unavailable', 'The stack does not run yet.', {
    detail: await docker('stack', 'ps', '--no-trunc', '--format', format, wait.stack),
    hint: 'The detail says how its services stand; "skep install" again goes on waiting.',
  })
}

/** `1/1` for every service, and no earlier version of it: nodes may still be pulling what the stack is made of. */
async function allRun(docker: DockerCli, stack: string): Promise<boolean> {
  const counts = (await docker('stack', 'services', '--format', '{{.Replicas}}', stack)).split('\n')
  if (!counts.every((count) => /^(\d+)\/\1\b/.test(count))) return false
  const ids = (await docker('stack', 'services', '--quiet', stack)).split('\n')
  const state = '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}'
  return !(await docker('service', 'inspect', '--format', state, ...ids)).includes('updating')
}

const answers = (url: string, authorization: string): Promise<boolean> =>
  gatewayClient({ url, authorization, tlsNoVerify: false })
    .info()
    .then(
      () => true,
      () => false,
    )

const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address)
