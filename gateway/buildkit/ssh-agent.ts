import type { ServerHttp2Stream } from 'node:http2'
import { connect } from 'node:net'
import { framed, grpcHeaders, messagesOf } from './grpc.ts'
import { readMessage, writeMessage } from './wire.ts'

/** Carries what a build says to an SSH agent, and back; the keys stay in the agent. */
export async function forwardAgent(stream: ServerHttp2Stream, socket: string): Promise<void> {
  const agent = connect(socket)
  stream.respond(grpcHeaders, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  agent.on('error', () => {}) // its end says enough
  agent.on('data', (chunk) => stream.write(framed(writeMessage({ 1: chunk }))))
  agent.once('close', () => stream.end())
  try {
    for await (const message of messagesOf(stream)) agent.write(readMessage(message).bytes(1) ?? '')
  } catch {
    // The build has left, or the agent has.
  } finally {
    agent.end()
  }
}
