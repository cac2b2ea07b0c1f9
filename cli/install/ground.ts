import { SkepError } from '../../gateway/core/errors.ts'
import { type DockerCli, documentsOf } from '../docker-cli.ts'

export interface StackNode {
  readonly name: string
  readonly role: string
  /** As `uname -m` says it. */
  readonly architecture: string
  readonly state: string
  readonly address: string
}

/** What the stack would stand on. */
export interface Ground {
  readonly engine: string
  readonly isManager: boolean
  /** In a Swarm that is managed elsewhere. */
  readonly isWorker: boolean
  readonly limitsMemory: boolean
  readonly architecture: string
  readonly nodes: readonly StackNode[]
}

interface Info {
  readonly ServerVersion: string
  readonly Architecture: string
  readonly MemoryLimit: boolean
  readonly Swarm?: { readonly LocalNodeState: string; readonly ControlAvailable: boolean }
}

interface NodeInfo {
  readonly Spec: { readonly Role: string }
  readonly Description: { readonly Hostname: string; readonly Platform: { readonly Architecture: string } }
  readonly Status: { readonly State: string; readonly Addr: string }
  readonly ManagerStatus?: { readonly Addr: string }
}

export async function readGround(docker: DockerCli): Promise<Ground> {
  const [info] = documentsOf<Info>(await docker('info', '--format', '{{json .}}').catch(withHint))
  if (!info?.ServerVersion) throw noEngine()
  const { LocalNodeState = 'inactive', ControlAvailable: isManager = false } = info.Swarm ?? {}
  return {
    engine: info.ServerVersion,
    isManager,
    isWorker: LocalNodeState !== 'inactive' && !isManager,
    limitsMemory: info.MemoryLimit,
    architecture: info.Architecture,
    nodes: isManager ? await nodesOf(docker) : [],
  }
}

async function nodesOf(docker: DockerCli): Promise<StackNode[]> {
  const ids = (await docker('node', 'ls', '-q')).split('\n')
  return documentsOf<NodeInfo>(await docker('node', 'inspect', '--format', '{{json .}}', ...ids)).map((node) => ({
    name: node.Description.Hostname,
    role: node.Spec.Role,
    architecture: node.Description.Platform.Architecture,
    state: node.Status.State,
    address: node.ManagerStatus?.Addr.replace(/:\d+$/, '') ?? node.Status.Addr,
  }))
}

/** Only what the program has said: where it is missing, the error says so already. */
function withHint(error: unknown): never {
  if (error instanceof SkepError && error.detail !== undefined) throw noEngine(error.detail)
  throw error
}

/** Before version 23, `docker info` ends well without an engine, too. */
const noEngine = (detail?: string) =>
  new SkepError('provider_unavailable', 'No Docker engine answers.', {
    ...(detail && { detail }),
    hint: 'Start it (`systemctl start docker`), or set DOCKER_HOST; root and the group "docker" may use it.',
  })
