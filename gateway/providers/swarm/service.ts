import { graceMsOf } from '../../core/policy.ts'
import type { Revision } from '../../core/ports.ts'
import { parseCpus, parseSize } from '../../core/units.ts'
import { type MonitorPolicy, monitorPolicyOf } from '../../core/service.ts'
import type { ServiceSettings } from '../engine/client.ts'
import { functionSettings } from '../engine/container.ts'
import { label, labelsOf } from '../engine/labels.ts'
import type { PinnedImage } from './image.ts'
import type { SwarmPlace } from './place.ts'
import { placementPlatforms } from './platforms.ts'
import type { SecretFile } from './secrets.ts'
import { shortName } from './short-name.ts'

/** On a replica's service and container: its id. */
export const replicaLabel = 'skep.replica'

const longestGraceMs = 60_000
const longestIntervalMs = 5000

/**
 * The service that stands for a revision. It never has a task itself: it is the record of the revision and the pattern of
 * its replicas. Each replica is a service of its own with one task, because of a service's tasks the Swarm chooses which
 * one ends, and that may be the one with a request in flight.
 */
export async function recordOf(place: SwarmPlace, revision: Revision, image: PinnedImage): Promise<ServiceSettings> {
  const { spec } = revision
  const ground = await place.ground()
  const { HostConfig = {} } = functionSettings(revision)
  const labels = { ...spec.labels, ...labelsOf(revision, place.gateway) }
  return {
    Name: serviceName(place, revision.id),
    Labels: { ...labels, [label.role]: 'revision' },
    Mode: { Replicated: { Replicas: 0 } },
    // Skep sends to the tasks' own addresses. A virtual address would need IPVS, which not every kernel has.
    EndpointSpec: { Mode: 'dnsrr' },
    TaskTemplate: {
      ContainerSpec: {
        ...containerOf(revision, ground.forbidsPrivileges),
        Image: image.reference,
        Labels: labels,
      },
      Resources: { Limits: limitsOf(HostConfig), Reservations: reservationsOf(revision) },
      RestartPolicy: { Condition: 'none' }, // Skep replaces what ends: it knows whether it is still wanted
      Placement: { Constraints: spec.constraints, Platforms: placementPlatforms(image.platforms) },
      Networks: [{ Target: ground.networkId }],
      LogDriver: { Name: HostConfig.LogConfig?.Type, Options: HostConfig.LogConfig?.Config },
    },
  }
}

/** A Swarm takes no dots in it, and at most 63 characters. */
export function serviceName({ gateway }: SwarmPlace, id: string): string {
  return shortName(`${gateway}-${id}`.replaceAll('.', '_'))
}

/** A replica's service, after the revision's own, with the secrets as they are now. */
export function replicaOf(
  place: SwarmPlace,
  id: string,
  { record, secrets }: { record: ServiceSettings; secrets: SecretFile[] },
): ServiceSettings {
  const { TaskTemplate = {} } = record
  const container = 'ContainerSpec' in TaskTemplate ? TaskTemplate.ContainerSpec : {}
  return {
    ...record,
    Name: serviceName(place, id),
    Labels: { ...record.Labels, [label.role]: 'replica', [replicaLabel]: id },
    Mode: { Replicated: { Replicas: 1 } },
    TaskTemplate: {
      ...TaskTemplate,
      ContainerSpec: { ...container, Labels: { ...container?.Labels, [replicaLabel]: id }, Secrets: secrets },
    },
  }
}

function containerOf(revision: Revision, forbidsPrivileges: boolean) {
  const { Env = [], Healthcheck = {}, HostConfig = {} } = functionSettings(revision)
  const { spec } = revision
  return {
    Env,
    // With the image's own HEALTHCHECK the Swarm takes a task for running only after its first interval: 3.8 s, not 0.9.
    HealthCheck: spec.monitor ? healthcheckOf(monitorPolicyOf(spec.monitor)) : Healthcheck,
    Init: true,
    ReadOnly: HostConfig.ReadonlyRootfs,
    // Until API 1.46 a service's tmpfs cannot have programs in it, which JVM and Python packages put there: only at need.
    Mounts: HostConfig.ReadonlyRootfs ? [{ Type: 'tmpfs' as const, Source: '', Target: '/tmp' }] : [],
    CapabilityDrop: HostConfig.CapDrop,
    Ulimits: HostConfig.Ulimits,
    ...(forbidsPrivileges ? { Privileges: { NoNewPrivileges: true } as object } : {}),
    // A drained node or another gateway's end of it leaves what is in flight this much time.
    StopGracePeriod: graceMsOf(revision.spec, longestGraceMs) * 1e6,
  }
}

/**
 * From afar a Swarm runs nothing in a task, but it asks a health check and ends a task that fails it. A task counts as running
 * only after the first one, so that comes soon; as many more have to fail.
 */
function healthcheckOf({ command, everyMs, timeoutMs, failures }: MonitorPolicy) {
  const intervalMs = Math.min(everyMs, longestIntervalMs)
  return {
    Test: ['CMD', ...command],
    Interval: intervalMs * 1e6,
    Timeout: timeoutMs * 1e6,
    Retries: Math.ceil((failures * everyMs) / intervalMs),
  }
}

function limitsOf({ Memory, NanoCpus, PidsLimit }: NonNullable<ReturnType<typeof functionSettings>['HostConfig']>) {
  return { MemoryBytes: Memory, NanoCPUs: NanoCpus, Pids: PidsLimit ?? undefined }
}

function reservationsOf({ spec: { requests } }: Revision) {
  return {
    MemoryBytes: parseSize(requests.memory ?? ''),
    NanoCPUs: requests.cpu === undefined ? undefined : Math.round((parseCpus(requests.cpu) ?? 0) * 1e9),
  }
}
