import type { Provider } from '../core/ports.ts'
import type { DockerOptions } from './docker.ts'
import type { ProcessOptions } from './process.ts'
import type { SwarmOptions } from './swarm.ts'

/** Imported when they are chosen, so that nobody pays for a client he does not use. */
export const providers = {
  docker: async (options: DockerOptions): Promise<Provider> => (await import('./docker.ts')).dockerProvider(options),
  process: async (options: ProcessOptions): Promise<Provider> =>
    (await import('./process.ts')).processProvider(options),
  swarm: async (options: SwarmOptions): Promise<Provider> => (await import('./swarm.ts')).swarmProvider(options),
}

export type ProviderName = keyof typeof providers
