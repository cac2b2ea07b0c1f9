import { ip } from './namespace.ts'
import { runIfPossible } from './shell.ts'

/**
 * A network namespace whose cable ends in a switch, together with those of other engines. There is no way out:
 * an engine that looks for an image on the Internet shall fail at once and take the one that it has.
 */
export interface Port {
  readonly kind: 'switch'
  readonly prefix: string
  readonly address: string
  readonly namespace: string
}

export function portOf(prefix: string, name: string, address: string): Port {
  return { kind: 'switch', prefix, address, namespace: `skep${prefix.slice(3)}${name}` }
}

/** The machine's own address on the switch: what listens there is reached by all engines. */
export const machineAddress = (prefix: string): string => `${prefix}.0.1`

/** The switch has a namespace of its own, so that the machine's firewall is not in the way between two engines. */
export async function makeSwitch(prefix: string): Promise<void> {
  const hub = hubOf(prefix)
  await ip(
    `netns add ${hub}`,
    `-n ${hub} link add bridge type bridge`,
    `-n ${hub} link set bridge up`,
    `link add ${hub}o type veth peer name machine netns ${hub}`,
    `-n ${hub} link set machine master bridge up`,
    `addr add ${machineAddress(prefix)}/24 dev ${hub}o`,
    `link set ${hub}o up`,
  )
}

export async function makePort({ prefix, address, namespace }: Port): Promise<void> {
  const hub = hubOf(prefix)
  await ip(
    `netns add ${namespace}`,
    `link add eth0 netns ${namespace} type veth peer name ${namespace} netns ${hub}`,
    `-n ${hub} link set ${namespace} master bridge up`,
    `-n ${namespace} link set lo up`,
    `-n ${namespace} addr add ${address}/24 dev eth0`,
    `-n ${namespace} link set eth0 up`,
  )
}

/** Pulls the plug of one engine, or puts it in again. */
export async function setPlug({ prefix, namespace }: Port, state: 'up' | 'down'): Promise<void> {
  await ip(`-n ${hubOf(prefix)} link set ${namespace} ${state}`)
}

/** Takes the containers' cables away, as a power cut does: the kernel itself keeps them, and their addresses, for minutes. */
export async function dropCables({ namespace }: Port): Promise<void> {
  const links = await runIfPossible('ip', ['-n', namespace, '-o', 'link', 'show', 'type', 'veth'])
  const cables = [...links.matchAll(/^\d+: (veth[^:@]+)/gm)].map((match) => match[1] ?? '')
  for (const cable of cables) await runIfPossible('ip', ['-n', namespace, 'link', 'del', cable])
}

/** Removes the port, and with the first one the switch: engines on a switch begin and end together. */
export async function removeSwitch({ prefix, namespace }: Port): Promise<void> {
  await runIfPossible('ip', ['netns', 'del', namespace])
  await runIfPossible('ip', ['link', 'del', `${hubOf(prefix)}o`])
  await runIfPossible('ip', ['netns', 'del', hubOf(prefix)])
}

function hubOf(prefix: string): string {
  return `skep${prefix.slice(3)}hub`
}
