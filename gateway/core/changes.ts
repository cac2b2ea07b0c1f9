import type { Deployed, DeployOptions, Deploys } from './deploys.ts'
import type { Functions } from './functions.ts'
import type { MirrorPlan } from './mirror.ts'
import type { Revision, Secret } from './ports.ts'
import type { Progress } from './progress.ts'
import type { Renewals } from './renewals.ts'
import type { Share } from './revision.ts'
import type { FunctionSpec } from './spec.ts'
import type { Traffic } from './traffic.ts'

interface At {
  readonly address: string
}

/** What only the gateway that leads does; the others ask it. */
export type Changes = {
  deploy: (args: { spec: FunctionSpec } & Omit<DeployOptions, 'progress'>, progress: Progress) => Promise<Deployed>
  rollback: (args: At & { to?: number }) => Promise<Revision>
  split: (args: At & { shares: readonly Share[] }) => Promise<void>
  mirror: (args: At & { plan?: MirrorPlan }) => Promise<void>
  remove: (args: At) => Promise<void>
  scale: (args: At & { replicas: number }) => Promise<void>
  renewReaders: (secret: Secret) => Promise<void>
}

interface Changers {
  readonly deploys: Deploys
  readonly traffic: Traffic
  readonly renewals: Renewals
}

export function changesOf(functions: Functions, { deploys, traffic, renewals }: Changers): Changes {
  return {
    deploy: ({ spec, ...how }, progress) => deploys.deploy(spec, { ...how, progress }),
    rollback: ({ address, to }) => traffic.rollback(address, to),
    split: ({ address, shares }) => traffic.split(address, shares),
    mirror: ({ address, plan }) => traffic.mirror(address, plan),
    remove: ({ address }) => deploys.remove(address),
    scale: async ({ address, replicas }) => {
      const { pool } = functions.get(address)
      pool.hold(Math.min(replicas, pool.policy.maxReplicas))
    },
    renewReaders: async (secret) => renewals.readersOf(secret),
  }
}
