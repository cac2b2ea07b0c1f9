import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownRegistry } from '../../gateway/core/registry.ts'
import type { DockerCli } from '../docker-cli.ts'

/**
 * Brings an image that only this engine has into the stack's registry, and tells the service to take it from there: else no
 * other manager could run the gateway when this one is lost.
 */
export async function shareImage(
  docker: DockerCli,
  image: string,
  { service, token }: { readonly service: string; readonly token: string },
): Promise<void> {
  const shared = `${ownRegistry}/${service}:${image.replace('sha256:', '').slice(0, 12)}`
  // A login of its own: the user's is not touched, and his credential store is not asked.
  const folder = await mkdtemp(join(tmpdir(), 'skep-login-'))
  try {
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [ownRegistry]: { auth: token } } }))
    await docker('tag', image, shared)
    await docker('--config', folder, 'push', shared)
    const update = ['--detach', '--with-registry-auth', '--image', shared, service]
    await docker('--config', folder, 'service', 'update', ...update)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
