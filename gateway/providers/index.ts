import type { Provider } from '../core/ports.ts'
import type { DockerOptions } from './docker.ts'

/** Imported when they are chosen, so that nobody pays for a client he does not use. */
export const providers = {
  docker: async (options: DockerOptions): Promise<Provider> => (await import('./docker.ts')).dockerProvider(options),
}

export type ProviderName = keyof typeof providers
