import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { directEdge } from './direct-edge.ts'
import { RawCaller, rawFunction } from './raw.ts'

const post = 'POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi'

it('a request to a replica that refuses the connection is certainly unsent', async () => {
  const fn = await rawFunction('')
  fn.close()
  const front = await directEdge({ host: '127.0.0.1', port: fn.port })
  await new RawCaller(front.port).send(post).receives(/HTTP\/1\.1 502 /)
  expect(front.outcomes).toMatchObject([
    { kind: 'unsent', error: { code: 'upstream_failed', detail: expect.stringContaining('ECONNREFUSED') } },
  ])
  await front.close()
})

it('a request to a replica that takes no connection is unsent after a second', async () => {
  const { port, close } = await fullBacklog()
  const front = await directEdge({ host: '127.0.0.1', port })
  await new RawCaller(front.port).send(post).receives(/HTTP\/1\.1 502 /)
  expect(front.outcomes).toMatchObject([{ kind: 'unsent', error: { code: 'upstream_failed' } }])
  await front.close()
  close()
})

/** A listening process that has stopped, and as many connections as its kernel takes for it. */
async function fullBacklog(): Promise<{ port: number; close: () => void }> {
  const source = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send(server.address().port))`
  const child = fork('-', { execArgv: ['--eval', source] })
  const [port] = (await once(child, 'message')) as [number]
  child.kill('SIGSTOP')
  const sockets: Socket[] = []
  for (let full = false; !full;) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}) // it is killed in the end
    sockets.push(socket)
    full = await Promise.race([once(socket, 'connect').then(() => false), sleep(300, true)])
  }
  return {
    port,
    close: () => {
      child.kill('SIGKILL')
      for (const socket of sockets) socket.destroy()
    },
  }
}
