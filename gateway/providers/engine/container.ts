import type { Revision } from '../../core/ports.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import { parseCpus, parseSize } from '../../core/units.ts'
import { watchdogTimeouts } from '../../core/watchdog-settings.ts'
import type { ContainerSettings } from './client.ts'
import type { Reach } from './ground.ts'

type HostConfig = NonNullable<ContainerSettings['HostConfig']>

/** Where every function listens. */
export const functionPort = 8080
const portKey = `${functionPort}/tcp`

/** Where functions look for secrets: Skep's way and OpenFaaS's. */
export const secretFolders = ['/run/secrets', '/var/openfaas/secrets'] as const

/** What a function gets that asks for nothing: enough for a JVM, and one that leaks cannot take a small machine down. */
const defaultMemory = '512Mi'
const defaultCpus = 1
const defaultPids = 256
const openFiles = 16_384

/** What no container of Skep may do, whoever wrote its image. */
export const hardened = {
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  IpcMode: 'private',
  RestartPolicy: { Name: 'no' }, // Skep replaces what ends: it knows whether it is still wanted
} satisfies HostConfig

/** A function's container, but for its name, labels, image and network. */
export function functionSettings({ spec }: Revision): ContainerSettings {
  return {
    Env: Object.entries(environmentOf(spec)).map(([name, value]) => `${name}=${value}`),
    // An image's own HEALTHCHECK costs a process every few seconds; Skep asks the function itself.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: { ...hardened, ...limitsOf(spec), ...filesOf(spec), Init: true },
  }
}

/** What the container that has the network needs more where its own address cannot be reached. */
export function published(reach: Reach): { settings: ContainerSettings; host: HostConfig } {
  if (reach === 'direct') return { settings: {}, host: {} }
  // On loopback: what is published for the gateway is for nobody else.
  const PortBindings = { [portKey]: [{ HostIp: '127.0.0.1', HostPort: '' }] }
  return { settings: { ExposedPorts: { [portKey]: {} } }, host: { PortBindings } }
}

export const memoryOf = ({ limits }: FunctionSpec): string => limits.memory ?? defaultMemory

export const cpusOf = ({ limits }: FunctionSpec): number => parseCpus(limits.cpu ?? '') ?? defaultCpus

function limitsOf(spec: FunctionSpec): HostConfig {
  const memory = parseSize(memoryOf(spec)) ?? 0
  return {
    Memory: memory,
    MemorySwap: memory, // the same number: no swap on top
    NanoCpus: Math.round(cpusOf(spec) * 1e9),
    PidsLimit: spec.limits.pids ?? defaultPids,
    // Engines often allow a million, and older programs close every one of them at each fork.
    Ulimits: [{ Name: 'nofile', Soft: openFiles, Hard: openFiles }],
  }
}

function filesOf(spec: FunctionSpec): HostConfig {
  const half = Math.floor((parseSize(memoryOf(spec)) ?? 0) / 2)
  return {
    ReadonlyRootfs: spec.readOnlyRootFilesystem,
    // It counts as the function's memory, so a full /tmp must be an error before it is the end.
    // Libraries of JVM and Python packages are unpacked there and run.
    Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${half}` },
    LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '2' } },
  }
}

/** Skep's own names come last: the gateway calls port 8080, whatever the spec says. */
function environmentOf(spec: FunctionSpec): Record<string, string> {
  return {
    ...watchdogTimeouts(spec),
    ...spec.environment,
    ...(spec.process === undefined ? {} : { fprocess: spec.process }),
    PORT: String(functionPort),
    ...(spec.secrets.length > 0 && { SECRETS_DIR: secretFolders[0] }),
    OPENFAAS_NAME: spec.name,
    OPENFAAS_NAMESPACE: spec.namespace,
  }
}
