import { existsSync } from 'node:fs'
import type { DockerCli } from '../docker-cli.ts'
import { packageFile } from '../package-file.ts'

/** The image that was asked for, or one built from what came with this CLI: nothing has to be published for that. */
export async function gatewayImage(docker: DockerCli, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return wanted
  if (!existsSync(packageFile('dist/gateway.js'))) return 'skep/gateway:latest'
  const root = packageFile('')
  await docker('build', '--quiet', '--tag', 'skep-gateway:local', '--file', `${root}gateway/Dockerfile`, root)
  // Its id: under a name, nodes would ask Docker Hub for whatever somebody put there.
  return docker('image', 'inspect', '--format', '{{.Id}}', 'skep-gateway:local')
}
