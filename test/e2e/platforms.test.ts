import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pushList } from '../../cli/registry.ts'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { dockerHost, ownEngine } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import type { BaseImage } from '../lab/recipes.ts'
import { emulateArm64, emulatesArm64 } from '../lab/emulator.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'
import { smallImage } from '../providers/docker-images.ts'

// In one file, one after the other: whether a processor is emulated is so for the whole machine.

const both = 'linux/arm64,linux/amd64'
const arm = process.arch === 'x64' ? undefined : 'the processor that the tests emulate is ARM'

describe('images for another processor', { ...needs('docker', 'registry', 'emulator'), ...notRun(arm) }, () => {
  const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
  const ends: (() => unknown)[] = []
  let folder: CliFolder
  let registry: Registry
  let gateway: TestGateway
  /** How the engine and this machine both name the registry. */
  let host: string
  let base: string

  beforeAll(async () => {
    folder = cliFolder()
    const door = ownEngine?.network.namespace === undefined ? undefined : await openDoor(ownEngine.network.address)
    registry = await startRegistry(undefined, door?.port)
    host = registry.host
    gateway = await TestGateway.start({
      SKEP_PROVIDER: 'docker',
      SKEP_INSTANCE: instance,
      DOCKER_HOST: dockerHost ?? '',
    })
    ends.push(
      folder.remove,
      registry.stop,
      () => door?.close(),
      () => gateway.stop(),
      () => removeEverythingOf(instance),
    )
    base = await pushBase(registry, host)
    mkdirSync(join(folder.path, 'app'))
    mkdirSync(join(folder.path, 'hello'))
    writeFileSync(join(folder.path, 'hello/handler.py'), handler)
  })
  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
  })

  const skep = (...args: string[]): Promise<CliResult> =>
    folder.skep(args, { env: { DOCKER_HOST: dockerHost ?? '', OPENFAAS_URL: gateway.url, SKEP_DATA: gateway.dataDir } })
  const call = async (name: string): Promise<string> => (await gateway.call(name)).text()

  it('are refused by a deploy in words where nothing can run them', notRun(emulated()), async () => {
    const image = await smallImage('foreign', ['COPY Dockerfile /'], 'linux/arm64')
    expect(await skep('deploy', '--name', 'foreign', '--image', image)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${image} is made for linux/arm64; this engine runs linux/amd64.`),
    })
  })

  it('are refused by what the registry has of them, too', notRun(emulated()), async () => {
    const image = `${host}/lab/python:arm`
    await pushList(image, [{ platform: 'linux/arm64', image: `${host}/lab/python:arm64` }], {})
    expect(await skep('deploy', '--name', 'foreign', '--image', image)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${image} is made for linux/arm64; this engine runs linux/amd64.`),
    })
  })

  it('are not built where nothing can run them, and the reason says what to do', notRun(emulated()), async () => {
    writeFileSync(join(folder.path, 'app/Dockerfile'), `FROM ${base}\nRUN true`)
    const app = ['--name', 'app', '--lang', 'dockerfile', '--handler', 'app', '--image', `${host}/app`]
    expect(await skep('build', '--platforms', 'linux/arm64', ...app)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/exec format error[^]*hint: .*apt install qemu-user-static/),
    })
  })

  it('are built by the classic builder, too', { timeout: 120_000 }, async () => {
    ends.push(await emulateArm64())
    writeFileSync(join(folder.path, 'app/Dockerfile'), `FROM ${base}\nRUN uname -m`)
    const env = { DOCKER_HOST: dockerHost ?? '', DOCKER_BUILDKIT: '0' }
    const app = ['--name', 'app', '--lang', 'dockerfile', '--handler', 'app', '--image', `${host}/app`]
    const { stderr } = await folder.skep(['build', '--platforms', both, '--no-cache', ...app], { env })
    expect(stderr.match(/^app \| (aarch64|x86_64)$/gm)).toEqual(['app | aarch64', 'app | x86_64'])
  })

  it('are built, pushed as one name for all, and answer', { timeout: 240_000 }, async () => {
    const hello = ['--name', 'hello', '--lang', 'python', '--handler', 'hello', '--image', `${host}/hello:1`]
    const published = await skep('publish', '--platforms', both, '-b', `BASE_IMAGE=${base}`, ...hello)
    expect(published.stdout).toContain(`pushed ${host}/hello:1 for linux/arm64, linux/amd64`)
    await deployed(`${host}/hello:1`, 'x86_64')
    await deployed(`${host}/hello:1-arm64`, 'aarch64')
  })

  async function deployed(image: string, machine: string): Promise<void> {
    expect(await skep('deploy', '--name', 'hello', '--image', image)).toMatchObject({ code: 0 })
    expect(await call('hello')).toBe(machine)
  }
})

const handler = 'import platform\n\n\ndef handle(event, context):\n    return platform.machine()\n'

/** One name for the base image of both processors, made as `skep publish` makes it. */
async function pushBase(registry: Registry, host: string): Promise<string> {
  const push = async (base: BaseImage, architecture: string) => {
    const tag = `lab/python:${architecture}`
    await docker()
      .getImage(await baseImage(base))
      .tag({ repo: 'lab/python', tag: architecture })
    await registry.push(docker(), tag)
    await docker().getImage(tag).remove()
    return { platform: `linux/${architecture}`, image: `${host}/${tag}` }
  }
  const parts = [await push('python', 'amd64'), await push('python-arm64', 'arm64')]
  await pushList(`${host}/lab/python:3`, parts, {})
  return `${host}/lab/python:3`
}

/**
 * A port of this machine that leads to the same one where the engine is, so that both name the registry there by a loopback
 * address: to others BuildKit speaks TLS only.
 */
async function openDoor(address: string) {
  const portOf = () => (door.address() as AddressInfo).port
  const door = createServer((socket) => {
    const inner = connect(portOf(), address)
    socket.pipe(inner).pipe(socket)
    socket.on('error', () => inner.destroy())
    inner.on('error', () => socket.destroy())
  })
  await new Promise<void>((done) => door.listen(0, '127.0.0.1', done))
  return { port: portOf(), close: () => void door.close() }
}

const emulated = (): string | undefined => (emulatesArm64() ? 'this machine emulates the other processor' : undefined)
