import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerHost } from '../helpers/docker-host.ts'

/** A socket that leads to the tests' engine, and that can be cut without harm to others who use that engine. */
export interface Wire {
  readonly host: string
  /** As when the engine was stopped: connections break, new ones are refused. */
  cut(): Promise<void>
  /** As when the engine hangs: connections stay, and nothing comes. */
  hang(): void
  mend(): Promise<void>
}

export async function wireToEngine(): Promise<Wire> {
  const path = join(tmpdir(), `skep-wire-${crypto.randomUUID().slice(0, 8)}.sock`)
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  }
  const server = createServer((near) => {
    const far = keep(connect(new URL(dockerHost ?? '').pathname))
    keep(near).pipe(far).pipe(near)
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
    if (hanging) far.unpipe(near)
  })
  let hanging = false
  const listen = async (): Promise<void> => {
    server.listen(path)
    await once(server, 'listening')
  }
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  await listen()
  return {
    host: `unix://${path}`,
    async cut() {
      const closed = once(server.close(), 'close')
      drop()
      await closed
    },
    hang() {
      hanging = true
      for (const socket of sockets) socket.pause().unpipe()
    },
    async mend() {
      if (hanging) drop()
      hanging = false
      if (!server.listening) await listen()
    },
  }
}
