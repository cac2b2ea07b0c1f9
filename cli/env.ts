import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the environment says. This file is the only one of the CLI that reads it. */
export interface Env {
  /** Everything, for the `${NAME}` of a stack file and for programs that we start. */
  readonly variables: NodeJS.ProcessEnv
  readonly gateway: string | undefined
  /** What comes before a new function's image name. */
  readonly imagePrefix: string | undefined
  /** The repository that `template pull` takes when none is named. */
  readonly templates: string | undefined
  /** Where `template store` looks first. */
  readonly templateStore: string | undefined
  /** Where logins are kept, shared with faas-cli. */
  readonly configFolder: string
  /** Where a gateway of this user keeps its data, and in it its password. */
  readonly dataFolder: string
  readonly dockerHost: string | undefined
  readonly dockerContext: string | undefined
  readonly dockerConfigFolder: string
  /** Whether to build with BuildKit; undefined: as the engine prefers. */
  readonly dockerBuildKit: boolean | undefined
  readonly sshAgent: string | undefined
  readonly colours: boolean
}

export function readEnv(variables: NodeJS.ProcessEnv = process.env): Env {
  const home = homedir()
  return {
    variables,
    gateway: variables['OPENFAAS_URL'] || undefined,
    imagePrefix: variables['OPENFAAS_PREFIX'] || undefined,
    templates: variables['OPENFAAS_TEMPLATE_URL'] || undefined,
    templateStore: variables['OPENFAAS_TEMPLATE_STORE_URL'] || undefined,
    configFolder: variables['OPENFAAS_CONFIG'] || (variables['CI'] === 'true' ? '.openfaas' : join(home, '.openfaas')),
    dataFolder: variables['SKEP_DATA'] || join(home, '.skep'),
    dockerHost: variables['DOCKER_HOST'] || undefined,
    dockerContext: variables['DOCKER_CONTEXT'] || undefined,
    dockerConfigFolder: variables['DOCKER_CONFIG'] || join(home, '.docker'),
    dockerBuildKit: variables['DOCKER_BUILDKIT'] ? /^(1|t|true)$/i.test(variables['DOCKER_BUILDKIT']) : undefined,
    sshAgent: variables['SSH_AUTH_SOCK'],
    colours: !variables['NO_COLOR'] && variables['TERM'] !== 'dumb',
  }
}
