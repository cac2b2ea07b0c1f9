import { SkepError } from '../core/errors.ts'
import type { Provider } from '../core/ports.ts'

export interface DockerOptions {
  readonly host?: string
}

export async function dockerProvider(options: DockerOptions): Promise<Provider> {
  throw new SkepError('not_supported', `Not yet: ${options.host}`)
}
