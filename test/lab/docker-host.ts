import { once } from 'node:events'
import { get } from 'node:http'

/** How Node's http and dockerode reach an address as it stands in DOCKER_HOST. */
export function connection(dockerHost: string): { socketPath: string } | { host: string; port: string } {
  const { protocol, hostname, port, pathname } = new URL(dockerHost)
  return protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port }
}

/** Whether an engine answers there within three seconds. */
export async function answers(dockerHost: string): Promise<boolean> {
  try {
    const ping = get({ ...connection(dockerHost), path: '/_ping', signal: AbortSignal.timeout(3000) })
    const [response] = await once(ping, 'response')
    response.resume()
    return response.statusCode === 200
  } catch {
    return false
  }
}
