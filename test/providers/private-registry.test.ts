import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { functionImage, removeEverythingOf } from './docker-ground.ts'

describe('a registry that wants a login', needs('docker', 'registry'), () => {
  const name = `skep-${crypto.randomUUID().slice(0, 8)}`
  let registry: Registry
  let gateway: TestGateway
  let cli: CliFolder
  let image: string

  const skep = (args: string[], input = '') => {
    const token = Buffer.from(gateway.authorization.slice('Basic '.length), 'base64')
      .toString()
      .replace(/^admin:/, '')
    return cli
      .skep(['login', '-g', gateway.url, '-p', token])
      .then(() => cli.skep([...args, '-g', gateway.url], { input }))
  }
  const deploy = () => skep(['deploy', '--name', 'private', '--image', image])
  const forgetImage = () => docker().getImage(image).remove()

  beforeAll(async () => {
    cli = cliFolder()
    registry = await startRegistry(undefined, 0, { username: 'ann', password: 'queen bee' })
    const settings = { SKEP_PROVIDER: 'docker', SKEP_INSTANCE: name, SKEP_DOCKER_SPARES: '0' }
    gateway = await TestGateway.start({ ...settings, DOCKER_HOST: dockerHost ?? '' })
    image = await registry.push(docker(), await functionImage('probe'))
  })
  afterAll(async () => {
    await gateway.stop()
    await removeEverythingOf(name)
    await registry.stop()
    cli.remove()
  })

  it('gives nothing without one, and the deploy says how to give it', async () => {
    const { code, stderr } = await deploy()
    expect(code).toBe(1)
    expect(stderr).toContain('log in with `skep registry-login`')
  })

  it('gives its images once the gateway has the login, which no file shows', async () => {
    const login = await skep(
      ['registry-login', '--server', registry.host, '-u', 'ann', '--password-stdin'],
      'queen bee',
    )
    expect(login).toMatchObject({ code: 0, stdout: `Nodes pull from ${registry.host} as ann.\n` })
    expect(await deploy()).toMatchObject({ code: 0 })
    expect(readFileSync(join(gateway.dataDir, 'skep.db')).includes('queen')).toBe(false)
    await forgetImage()
  })

  it('knows the login again after a restart, and not once it is forgotten', async () => {
    await gateway.kill('SIGKILL')
    await gateway.startAgain()
    expect((await skep(['registry-login', '--list'])).stdout).toMatch(new RegExp(`^${registry.host} +ann$`, 'm'))
    await skep(['registry-login', '--server', registry.host, '--remove'])
    expect((await skep(['registry-login', '--list'])).stdout).not.toContain(registry.host)
    expect((await deploy()).code).toBe(1)
  })
})
