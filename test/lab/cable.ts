import { writeFileSync } from 'node:fs'
import { inside, ip } from './namespace.ts'
import { run, runIfPossible } from './shell.ts'

/** A network namespace with a cable to the machine: the tests reach every address in it, and it reaches the world. */
export interface Cable {
  readonly kind: 'cable'
  readonly prefix: string
  readonly address: string
  readonly namespace: string
}

export async function makeCable({ prefix, address, namespace }: Cable): Promise<void> {
  const { outer, inner } = ends(namespace)
  await ip(
    `netns add ${namespace}`,
    `link add ${outer} type veth peer name ${inner} netns ${namespace}`,
    `addr add ${prefix}.0.1/30 dev ${outer}`,
    `link set ${outer} up`,
    `-n ${namespace} addr add ${address}/30 dev ${inner}`,
    `-n ${namespace} link set lo up`,
    `-n ${namespace} link set ${inner} up`,
    `-n ${namespace} route add default via ${prefix}.0.1`,
    // One route, and the tests reach every container at its own address.
    `route add ${prefix}.0.0/16 via ${address}`,
  )
  // And the way out, for builds that install packages.
  for (const rule of outwardRules(prefix, outer)) await run('iptables', rule('-I'))
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
}

/** The engine forbids to forward what is not its own; the tests' requests must pass all the same. */
export async function letTestsIn({ namespace }: Cable): Promise<void> {
  const rule = ['-I', 'DOCKER-USER', '-i', ends(namespace).inner, '-j', 'ACCEPT']
  await run(...inside(namespace, ['iptables', ...rule]))
}

export async function removeCable({ prefix, namespace }: Cable): Promise<void> {
  const { outer } = ends(namespace)
  for (const rule of outwardRules(prefix, outer)) await runIfPossible('iptables', rule('-D'))
  await runIfPossible('ip', ['link', 'del', outer])
  await runIfPossible('ip', ['netns', 'del', namespace])
}

function ends(namespace: string): { outer: string; inner: string } {
  return { outer: `${namespace}o`, inner: `${namespace}i` }
}

function outwardRules(prefix: string, outer: string): ((change: '-I' | '-D') => string[])[] {
  return [
    (change) => ['-t', 'nat', change, 'POSTROUTING', '-s', `${prefix}.0.0/16`, '!', '-o', outer, '-j', 'MASQUERADE'],
    (change) => [change, 'FORWARD', '-i', outer, '-j', 'ACCEPT'],
    (change) => [change, 'FORWARD', '-o', outer, '-j', 'ACCEPT'],
  ]
}
