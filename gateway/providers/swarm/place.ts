import { SkepError } from '../../core/errors.ts'
import type { Log } from '../../core/ports.ts'
import { type Engine, unlessMissing, unlessRefused } from '../engine/client.ts'
import { label } from '../engine/labels.ts'

/** The part of a Swarm that is this gateway's. */
export interface SwarmPlace {
  /** A manager's engine: workers do not answer questions about the Swarm. */
  readonly engine: Engine
  /** The gateway's name: in front of the names of all that it makes, so that two can share a Swarm. */
  readonly gateway: string
  readonly network: string
  readonly log: Log
  /** Whether this gateway leads: only then it clears up. */
  readonly role: { leads: boolean }
  ground(): Promise<SwarmGround>
}

export interface SwarmGround {
  readonly networkId: string
  /** Services can be refused new privileges since API 1.46 (Docker 27). */
  readonly forbidsPrivileges: boolean
}

/** Sees that this is a manager, and makes the network that functions and gateway meet in. */
export async function layGround(
  engine: Engine,
  { gateway, network }: Pick<SwarmPlace, 'gateway' | 'network'>,
): Promise<SwarmGround> {
  const [info, version] = await Promise.all([
    engine.ask((docker) => docker.info() as Promise<{ Swarm?: { ControlAvailable?: boolean } }>),
    engine.ask((docker) => docker.version()),
  ])
  if (!info.Swarm?.ControlAvailable) throw noManager()
  const Labels = { [label.gateway]: gateway, [label.role]: 'network' }
  const make = () =>
    engine.ask((docker) => docker.createNetwork({ Name: network, Driver: 'overlay', Attachable: true, Labels }))
  const find = () =>
    unlessMissing(engine.ask((docker) => docker.getNetwork(network).inspect() as Promise<{ Id: string }>))
  if (!(await find())) await unlessRefused(make(), 409) // another gateway was quicker
  const made = await find()
  if (!made)
    throw new SkepError('provider_unavailable', `The network ${network} has just been removed.`, {
      hint: 'Try again: it is made anew.',
    })
  return { networkId: made.Id, forbidsPrivileges: isAtLeast(version.ApiVersion, 1, 46) }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

const noManager = (): SkepError =>
  new SkepError('provider_unavailable', 'This Docker engine is not a manager of a Swarm.', {
    hint: '`docker swarm init` makes it one; in a Swarm, run the gateway on a manager.',
  })
