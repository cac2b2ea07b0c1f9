import { setTimeout as sleep } from 'node:timers/promises'
import type { DockerCli } from '../docker-cli.ts'

const limitMs = 120_000
const lookEveryMs = 500
/** After a change of the Swarm's leader it takes as long until it knows of every node again. */
const comingBackMs = 20_000
const socket = '/var/run/docker.sock'

/** What the gateway's service ran: its image is on the managers, and its user may use their sockets. */
interface GatewayTask {
  readonly Image: string
  readonly User: string
  readonly Mounts: readonly { readonly Source: string; readonly Target: string }[]
}

interface Manager {
  readonly id: string
  readonly name: string
  readonly isReady: boolean
  /** An operator lets nothing be started there. */
  readonly isClosed: boolean
}

/** Removes the stack's volumes on the other managers; resolves with the names of those where that was not possible. */
export type ClearFarVolumes = () => Promise<string[]>

/** To be asked while the gateway's service is there; what it answers with is to be done when the stack is gone. */
export async function farVolumes(docker: DockerCli, stack: string): Promise<ClearFarVolumes> {
  const managers = await readyManagers(docker)
  const ids = managers.filter(({ isReady, isClosed }) => isReady && !isClosed).map(({ id }) => id)
  const words = ['service', 'inspect', '--format', '{{json .Spec.TaskTemplate.ContainerSpec}}', `${stack}_gateway`]
  const task = ids.length > 0 ? await docker(...words).catch(() => undefined) : undefined // it may be gone already
  return async () => {
    const done = task ? await runOn(docker, { stack, task: JSON.parse(task) as GatewayTask, ids }) : new Set<string>()
    return managers.filter(({ id }) => !done.has(id)).map(({ name }) => name)
  }
}

/** What to type on a machine whose volumes are still there. */
export const volumesCommand = (stack: string): string =>
  `docker volume ls -q --filter label=${labelOf(stack)} | xargs -r docker volume rm`

const labelOf = (stack: string): string => `com.docker.stack.namespace=${stack}`

async function readyManagers(docker: DockerCli): Promise<Manager[]> {
  const deadline = Date.now() + comingBackMs
  for (;;) {
    const managers = await otherManagers(docker)
    if (managers.every(({ isReady, isClosed }) => isReady || isClosed) || Date.now() > deadline) return managers
    await sleep(lookEveryMs)
  }
}

async function otherManagers(docker: DockerCli): Promise<Manager[]> {
  const format = '{{.Self}} {{.ID}} {{.Status}} {{.Availability}} {{.Hostname}}'
  const listed = await docker('node', 'ls', '--filter', 'role=manager', '--format', format)
  const managers = listed.split('\n').map((line) => line.split(' '))
  return managers
    .filter(([self]) => self === 'false')
    .map(([, id = '', status, availability, name = '']) => {
      return { id, name, isReady: status === 'Ready', isClosed: availability !== 'Active' }
    })
}

/**
 * A volume can only be removed by its own engine, so each manager runs a container for it. Resolves with those that are
 * done. Not in the mode `global-job`: what has ended in it is left behind when the service is removed.
 */
async function runOn(
  docker: DockerCli,
  { stack, task, ids }: { readonly stack: string; readonly task: GatewayTask; readonly ids: readonly string[] },
): Promise<Set<string>> {
  const name = `${stack}-uninstall`
  const source = task.Mounts.find(({ Target }) => Target === socket)?.Source ?? socket
  await docker(
    ...['service', 'create', '--detach', '--quiet', '--name', name, '--label', labelOf(stack), '--no-resolve-image'],
    ...['--mode', 'global', '--constraint', 'node.role==manager', '--restart-condition', 'none'],
    ...['--user', task.User, '--mount', `type=bind,source=${source},target=${socket}`],
    ...[task.Image, 'node', '--input-type=module', '--eval', script, labelOf(stack)],
  )
  try {
    return await doneOf(docker, name, ids)
  } finally {
    await docker('service', 'rm', name)
  }
}

async function doneOf(docker: DockerCli, service: string, ids: readonly string[]): Promise<Set<string>> {
  const deadline = Date.now() + limitMs
  const nodeOf = (task: string): string => task.slice(task.lastIndexOf(' ') + 1)
  for (;;) {
    const words = ['--no-resolve', '--format', '{{.CurrentState}} {{.Node}}']
    const tasks = (await docker('service', 'ps', ...words, service)).split('\n')
    const ended = new Set(tasks.filter((task) => /^(Complete|Failed|Rejected) /.test(task)).map(nodeOf))
    if (ids.every((id) => ended.has(id)) || Date.now() > deadline) {
      return new Set(tasks.filter((task) => task.startsWith('Complete ')).map(nodeOf))
    }
    await sleep(lookEveryMs)
  }
}

/** Runs in the gateway's image, on each manager: containers there may still be ending, and use the volumes till then. */
const script = `
  import { request } from 'node:http'
  import { setTimeout as sleep } from 'node:timers/promises'

  const ask = (method, path) => new Promise((resolve, reject) => {
    const asked = request({ socketPath: '${socket}', method, path }, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve(JSON.parse(text || '{}'))
    })
    asked.on('error', reject).end()
  })
  const query = new URLSearchParams({ filters: JSON.stringify({ label: [process.argv[1]] }) })
  for (;;) {
    const { Volumes, message } = await ask('GET', '/volumes?' + query)
    if (message) throw new Error(message)
    if (!Volumes?.length) break
    for (const { Name } of Volumes) await ask('DELETE', '/volumes/' + Name)
    await sleep(500)
  }`
