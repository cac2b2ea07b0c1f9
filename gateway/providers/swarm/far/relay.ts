import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../../core/errors.ts'
import type { Engine, ServiceSettings } from '../../engine/client.ts'
import { label } from '../../engine/labels.ts'
import type { SwarmNode } from '../nodes.ts'
import { hasEnded } from '../tasks.ts'
import { shortName } from '../short-name.ts'
import type { Line } from './line.ts'
import { engineSocket, type Self } from './self.ts'

/** Among the services of a gateway. */
export const relayRole = 'relay'

const memoryBytes = 128 * 1024 ** 2

interface RelaySettings {
  readonly gateway: string
  readonly self: Self
  readonly node: SwarmNode
  readonly line: Line
}

/** A Swarm runs nothing on a node from afar but services; this one has one task, on that node. */
export function relayService({ gateway, self, node, line }: RelaySettings): ServiceSettings & { Name: string } {
  const program = readFileSync(new URL('relay-program.mjs', import.meta.url), 'utf8')
  return {
    Name: shortName(`${gateway}-build-${crypto.randomUUID().slice(0, 8)}`),
    Labels: { [label.gateway]: gateway, [label.role]: relayRole },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: 'dnsrr' },
    TaskTemplate: {
      ContainerSpec: {
        Image: self.image,
        Command: ['node', '--input-type=module', '--eval', program],
        Env: [`SKEP_GATEWAY=${line.address}`, `SKEP_BUILD_KEY=${line.key}`, `SKEP_ENGINE=${engineSocket}`],
        Labels: { [label.gateway]: gateway, [label.role]: relayRole },
        User: '0:0', // whose the socket is; of root's rights it keeps none
        CapabilityDrop: ['ALL'],
        ReadOnly: true,
        Init: true,
        HealthCheck: { Test: ['NONE'] },
        Mounts: [{ Type: 'bind', Source: self.socket, Target: engineSocket }],
      },
      Resources: { Limits: { MemoryBytes: memoryBytes, Pids: 64 } },
      RestartPolicy: { Condition: 'none' },
      Placement: { Constraints: [`node.id==${node.id}`] },
      Networks: [{ Target: self.network }],
    },
  }
}

export interface RelayTask {
  readonly Status: { readonly State: string; readonly Timestamp: string; readonly Err?: string }
}

const lookEveryMs = 200

interface Relay {
  readonly service: string
  readonly node: SwarmNode
  readonly self: Self
}

/** Rejects when the relay cannot run, or with `signal`. */
export async function relayFailure(engine: Engine, relay: Relay, signal: AbortSignal): Promise<never> {
  const filters = { service: [relay.service] }
  for (;;) {
    signal.throwIfAborted()
    const tasks = await engine.ask((docker) => docker.listTasks({ filters }) as Promise<RelayTask[]>)
    for (const { Status } of tasks) if (hasEnded(Status.State)) throw cannotBuild(relay, Status.Err)
    await sleep(lookEveryMs, undefined, { signal })
  }
}

const cannotBuild = ({ node, self }: Relay, reason = 'it does not reach this gateway'): SkepError =>
  new SkepError('build_failed', `${node.name} was to build, but cannot: ${reason}.`, {
    hint: `It needs the image ${self.image}, and the socket of its engine at ${self.socket}.`,
  })
