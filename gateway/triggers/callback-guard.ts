import { BlockList, isIP } from 'node:net'
import { SkepError } from '../core/errors.ts'

/** Addresses that are not the public internet: this machine, its networks, the cloud's metadata, and ways around them. */
const notPublicRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96', // unspecified, loopback, and the old way to write an IPv4 address
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

/** Throws unless a connection to this host may end at this address. */
export type CallbackGuard = (host: string, address: string) => void

/** `allowed`: hosts and networks (`hooks.lan`, `10.0.0.0/8`) that may be called although they are not public. */
export function callbackGuard(allowed: readonly string[]): CallbackGuard {
  const notPublic = blockList(notPublicRanges)
  const networks = blockList(allowed.filter(isNetwork))
  const hosts = new Set(allowed.filter((entry) => !isNetwork(entry)).map((host) => host.toLowerCase()))
  return (host, address) => {
    const bare = address.replace(/%.*$/, '') // fe80::1%eth0
    if (hosts.has(host.toLowerCase()) || isIn(networks, bare)) return
    // A BlockList takes an IPv4 address in an IPv6 coat (`::ffff:…`) for what it is.
    if (isIP(bare) !== 0 && !isIn(notPublic, bare)) return
    throw new SkepError('invalid_request', `${host} is at ${address}, which is not a public address.`, {
      hint: 'If answers may be sent there, add the host or its network to SKEP_CALLBACK_ALLOW.',
    })
  }
}

const isIn = (list: BlockList, address: string): boolean => list.check(address, familyOf(address))

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const isNetwork = (entry: string): boolean => isIP(entry.replace(/\/\d+$/, '')) !== 0

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
