import { rm } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A socket in front of a Docker engine, so that a test can take the engine away from one gateway only. */
export interface Relay {
  /** For DOCKER_HOST. */
  readonly host: string
  /** From now on nobody answers. */
  cut(): Promise<void>
  heal(): Promise<void>
  close(): Promise<void>
}

export async function relayTo(dockerHost: string): Promise<Relay> {
  const path = join(tmpdir(), `skep-relay-${crypto.randomUUID().slice(0, 8)}.sock`)
  const target = dockerHost.replace(/^unix:\/\//, '')
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    const engine = keep(createConnection({ path: target, allowHalfOpen: true }))
    keep(caller).pipe(engine).pipe(caller)
    caller.on('close', () => engine.destroy())
    engine.on('close', () => caller.destroy())
  })
  const heal = (): Promise<void> => new Promise((resolve) => server.listen(path, resolve))
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await heal()
  return {
    host: `unix://${path}`,
    cut,
    heal,
    async close() {
      if (server.listening) await cut()
      await rm(path, { force: true })
    },
  }
}
