import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectEngine } from '../../gateway/providers/engine/client.ts'
import { type Line, openLine } from '../../gateway/providers/swarm/far/line.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'

const program = fileURLToPath(new URL('../../gateway/providers/swarm/far/relay-program.mjs', import.meta.url))
const socket = dockerHost?.replace('unix://', '') ?? ''
const elsewhere = socket.startsWith('/') ? undefined : 'the engine has no socket here'

describe('a relay', { ...needs('docker'), ...notRun(elsewhere) }, () => {
  let line: Line
  const relays: ChildProcess[] = []
  beforeEach(async () => void (line = await openLine('127.0.0.1')))
  afterEach(() => {
    line.close()
    for (const relay of relays.splice(0)) relay.kill('SIGKILL')
  })

  const start = (): ChildProcess => {
    const env = { SKEP_GATEWAY: line.address, SKEP_BUILD_KEY: line.key, SKEP_ENGINE: socket }
    const relay = spawn(process.execPath, [program], { env, stdio: 'ignore' })
    relays.push(relay)
    return relay
  }
  const ask = async (method: string, path: string, headers = {}): Promise<IncomingMessage> => {
    const asked = request({ agent: line.agent, host: 'engine', method, path, headers }).end()
    const [answer] = (await Promise.race([once(asked, 'response'), once(asked, 'upgrade')])) as [IncomingMessage]
    answer.socket.on('error', () => {})
    answer.resume()
    return answer
  }

  it('brings requests to the engine of its machine, several at a time', async () => {
    start()
    await line.called
    const engine = connectEngine(line.agent)
    const direct = connectEngine(dockerHost)
    const versions = await Promise.all(
      [engine, engine, engine, direct].map((one) => one.ask((docker) => docker.version())),
    )
    expect(new Set(versions.map(({ KernelVersion, Version }) => `${Version} ${KernelVersion}`)).size).toBe(1)
  })

  it('lets a BuildKit ask back', async () => {
    start()
    const headers = { Connection: 'Upgrade', Upgrade: 'h2c', 'X-Docker-Expose-Session-Uuid': 'bees' }
    const answer = await ask('POST', '/v1.41/session', headers)
    expect(answer.statusCode).toBe(101)
    answer.socket.destroy()
  })

  it.each([
    ['GET', '/containers/json'],
    ['POST', '/v1.41/containers/create'],
    ['POST', '/images/create?fromImage=hello'],
    ['GET', '/images/../containers/json'],
    ['GET', '/images/%2e%2e/containers/json'],
    ['POST', '/build/prune'],
    ['GET', '/images/hello/get'],
    ['DELETE', '/containers/hello'],
  ])('refuses %s %s, which is nothing for a build', async (method, path) => {
    start()
    expect((await ask(method, path)).statusCode).toBe(403)
  })

  it('has a line that lets nobody in without its key', async () => {
    const [host, port] = line.address.split(':')
    const enters = async (key: string): Promise<boolean> => {
      const pskCallback = () => ({ psk: Buffer.from(key, 'hex'), identity: 'bees' })
      const keyed = { pskCallback, ciphers: 'ECDHE-PSK-CHACHA20-POLY1305', checkServerIdentity: () => undefined }
      const caller = connect({ host, port: Number(port), ...keyed, maxVersion: 'TLSv1.2' })
      const entered = once(caller, 'secureConnect').then(() => true)
      return entered.catch(() => false).finally(() => caller.destroy())
    }
    expect(await enters(line.key)).toBe(true)
    expect(await enters('00'.repeat(32))).toBe(false)
  })

  it('ends when the gateway has no more to ask', async () => {
    const relay = start()
    await ask('GET', '/_ping')
    line.close()
    await until(() => relay.exitCode === 0)
  })
})
