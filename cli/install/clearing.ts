import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../gateway/core/errors.ts'
import type { DockerCli } from '../docker-cli.ts'

const limitMs = 120_000
const lookEveryMs = 300

/** What a stack and its gateway have in a Swarm, by the labels that both leave. */
const kinds = {
  services: ['service', 'ls'],
  containers: ['container', 'ls', '--all'],
  secrets: ['secret', 'ls'],
  configs: ['config', 'ls'],
  networks: ['network', 'ls'],
} as const

const labelsOf = (stack: string) => [`com.docker.stack.namespace=${stack}`, `skep.gateway=${stack}`]

/** Takes everything away but volumes; resolves when it is gone. */
export async function clear(docker: DockerCli, stack: string): Promise<void> {
  // The gateway first: it would start again what it finds missing.
  await remove(
    docker,
    ['service', 'rm'],
    await find(docker, kinds.services, `label=com.docker.stack.namespace=${stack}`),
  )
  const deadline = Date.now() + limitMs
  for (;;) {
    const left = await everythingOf(docker, stack)
    await remove(docker, ['service', 'rm'], left.services)
    if (left.services.length === 0) {
      await remove(docker, ['container', 'rm', '--force', '--volumes'], left.containers)
      await remove(docker, ['secret', 'rm'], left.secrets)
      await remove(docker, ['config', 'rm'], left.configs)
      await remove(docker, ['network', 'rm'], left.networks)
    }
    const kept = Object.entries(left).filter(([, ids]) => ids.length > 0)
    if (kept.length === 0) return
    if (Date.now() > deadline) throw stillThere(kept)
    await sleep(lookEveryMs)
  }
}

async function everythingOf(docker: DockerCli, stack: string): Promise<Record<keyof typeof kinds, string[]>> {
  const found = Object.entries(kinds).map(async ([kind, list]) => {
    const both = await Promise.all(labelsOf(stack).map((label) => find(docker, list, `label=${label}`)))
    return [kind, [...new Set(both.flat())]] as const
  })
  return Object.fromEntries(await Promise.all(found)) as Record<keyof typeof kinds, string[]>
}

/** Volumes of this machine; other machines' are theirs. */
export async function removeVolumes(docker: DockerCli, stack: string): Promise<void> {
  for (const label of labelsOf(stack)) {
    await remove(docker, ['volume', 'rm'], await find(docker, ['volume', 'ls'], `label=${label}`))
  }
}

async function find(docker: DockerCli, list: readonly string[], filter: string): Promise<string[]> {
  return (await docker(...list, '-q', '--filter', filter)).split('\n').filter((id) => id !== '')
}

/** What goes by itself meanwhile, or is used for a moment longer, is asked for again. */
async function remove(docker: DockerCli, words: readonly string[], ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await docker(...words, ...ids).catch(() => undefined)
}

const stillThere = (kept: readonly (readonly [string, string[]])[]) =>
  new SkepError('provider_unavailable', 'Docker does not take everything away.', {
    detail: kept.map(([kind, ids]) => `${kind}: ${ids.join(', ')}`).join('\n'),
    hint: 'A node that is down keeps what it has: start it, or `docker node rm --force` it, and do it again.',
  })
