import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { buildTemplate } from '../helpers/runtime-image.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'
import { smallImage } from '../providers/docker-images.ts'

const emulated = (): string | undefined =>
  existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64') && process.arch === 'x64'
    ? 'this machine emulates the other processor'
    : undefined

describe('a deploy that cannot work', needs('docker'), () => {
  const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
  let gateway: TestGateway
  let folder: CliFolder
  let image: string
  const deploy = (fields: object) => {
    const functions = { steady: { image, scale: { 'start-timeout': '3s' }, ...fields } }
    const stack = JSON.stringify({ provider: { name: 'openfaas' }, functions })
    writeFileSync(join(folder.path, 'stack.yml'), stack)
    return folder.skep(['deploy'], { env: { OPENFAAS_URL: gateway.url, SKEP_DATA: gateway.dataDir } })
  }

  beforeAll(async () => {
    image = await buildTemplate('dockerfile', 'test/fixtures/functions/steady', { BASE_IMAGE: 'node' })
    gateway = await TestGateway.start({
      ...{ SKEP_PROVIDER: 'docker', SKEP_INSTANCE: instance, DOCKER_HOST: dockerHost ?? '' },
    })
    folder = cliFolder()
    await deploy({ environment: { VERSION: 'good' }, scale: {} })
  })
  afterAll(async () => {
    folder.remove()
    await gateway.stop()
    await removeEverythingOf(instance)
  })

  it.each<[string, object, RegExp]>([
    ['crashes', { environment: { TROUBLE: 'crash' } }, /exit code 3(.*\n)*.*no database at db:5432/],
    ['never gets ready', { environment: { TROUBLE: 'never ready' } }, /not ready after 3 s(.*\n)*.*waiting for Godot/],
    ['lacks its secret', { secrets: ['api-key'] }, /no secret "api-key"/],
    ['cannot be pulled', { image: '127.0.0.1:9/nobody/there:1' }, /127.0.0.1:9\/nobody\/there:1/],
  ])('because it %s says why and exits with 1, and the one that serves goes on', async (_, fields, why) => {
    expect(await deploy(fields)).toMatchObject({ code: 1, stderr: expect.stringMatching(why) })
    expect((await gateway.call('steady/')).headers.get('x-version')).toBe('good')
  })

  it('because it is for another processor says so and exits with 1', notRun(emulated()), async () => {
    const other = process.arch === 'x64' ? 'linux/arm64' : 'linux/amd64'
    const foreign = await smallImage('bad-deploy-foreign', ['COPY Dockerfile /'], other)
    expect(await deploy({ image: foreign })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`is made for ${other}`),
    })
    expect((await gateway.call('steady/')).headers.get('x-version')).toBe('good')
  })
})
