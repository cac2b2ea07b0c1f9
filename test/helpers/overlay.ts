import type { Node } from '../lab/node.ts'
import { inside, ip } from '../lab/namespace.ts'
import { run } from '../lab/shell.ts'
import { baseImage } from './engine.ts'

/**
 * Lets the tests reach every address of an overlay network, which only containers can: one on that node passes their
 * packets on. Needs the image `busybox` there. It ends with the node.
 */
export async function reachOverlay({ docker, namespace, address }: Node, network: string): Promise<void> {
  const container = await docker.createContainer({
    Image: await baseImage('busybox'),
    Cmd: ['sleep', '1d'],
    HostConfig: { NetworkMode: network, Sysctls: { 'net.ipv4.ip_forward': '1' } },
  })
  await container.start()
  const { State } = await container.inspect()
  const { IPAM } = await docker.getNetwork(network).inspect()
  const subnet = IPAM?.Config?.[0]?.Subnet ?? ''
  const within = `--net=/proc/${State.Pid}/ns/net`
  // What it passes on seems to come from itself, or the answers would not find their way back.
  await run('nsenter', [within, 'iptables', '-t', 'nat', '-A', 'POSTROUTING', '-j', 'MASQUERADE'])
  const addresses = await run('nsenter', [within, 'ip', '-4', '-o', 'addr', 'show', 'eth1'])
  const door = /inet ([\d.]+)/.exec(addresses)?.[1]
  await run(...inside(namespace, ['iptables', '-I', 'DOCKER-USER', '-j', 'ACCEPT']))
  // `replace`, because a test that is tried again comes here again.
  await ip(`-n ${namespace} route replace ${subnet} via ${door}`, `route replace ${subnet} via ${address}`)
}
