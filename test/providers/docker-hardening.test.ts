import type { ContainerInspectInfo } from 'dockerode'
import { describe, expect, it } from 'vitest'
import { label } from '../../gateway/providers/engine/labels.ts'
import { ask, askSoon, useSite } from '../contract/provider-site.ts'
import { docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { smallImage } from './docker-images.ts'
import { dockerGround } from './docker-ground.ts'

describe('docker: what a function may do', needs('docker'), () => {
  const site = useSite('docker', () => dockerGround())

  it('has no capabilities, cannot gain any, and its system calls are filtered', async () => {
    const { run, replicaOf } = site()
    const status = await askSoon(await replicaOf(await run('probe')), '/read?text=/proc/self/status')
    expect(status).toMatch(/^CapPrm:\t0+$/m)
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^CapBnd:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(status).toMatch(/^Seccomp:\t2$/m)
  })

  it('sees no disk of the machine and no socket of the engine', async () => {
    const { run, replicaOf } = site()
    const mounts = await askSoon(await replicaOf(await run('probe')), '/read?text=/proc/self/mounts')
    const disks = mounts.split('\n').filter((line) => line.startsWith('/dev/'))
    const given = ['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/sbin/docker-init']
    expect(disks.map((line) => line.split(' ')[1])).toEqual(expect.arrayContaining(given))
    expect(disks).toHaveLength(given.length)
    expect(mounts).not.toContain('docker.sock')
  })

  it('has a /tmp that is full before its memory is, also where all else is read-only', async () => {
    const { run, replicaOf } = site()
    const made = await run('probe', { readOnlyRootFilesystem: true, limits: { memory: '128Mi' } })
    const replica = await replicaOf(made)
    expect(await askSoon(replica, '/write?text=/home/app/x&n=1')).toBe('EROFS')
    expect(await ask(replica, '/write?text=/tmp/x&n=1')).toBe('written')
    expect(await ask(replica, '/write?text=/tmp/y&n=64')).toBe('ENOSPC')
    expect(await ask(replica, '/')).toBe('hello')
  })

  it('is bounded in what it can use, as the spec says or by default', async () => {
    const { run } = site()
    const asked = await run('probe', { limits: { memory: '64Mi', cpu: '250m', pids: 99 } })
    expect(await limitsOf(asked.id)).toEqual({ memory: 64 << 20, swap: 64 << 20, cpus: 0.25, pids: 99 })
    const defaults = await run('probe')
    expect(await limitsOf(defaults.id)).toEqual({ memory: 512 << 20, swap: 512 << 20, cpus: 1, pids: 256 })
  })

  it('runs no health check of its image, and is never restarted by the engine', async () => {
    const { run } = site()
    const { Config, HostConfig } = await inspect((await run('probe')).id)
    expect(Config.Healthcheck?.Test).toEqual(['NONE'])
    expect(HostConfig.RestartPolicy?.Name).toBe('no')
    expect(HostConfig.Privileged).toBe(false)
  })

  it('keeps a secret out of all that the engine tells of it, and of what is left when it is gone', async () => {
    const { provider, run, replicasOf } = site()
    const secret = { name: 'token', namespace: 'openfaas-fn' }
    const value = `value-${crypto.randomUUID()}`
    await provider.secrets?.put(secret, Buffer.from(value))
    const made = await run('probe', { secrets: ['token'] })
    const told = [await inspect(made.id), await docker().listVolumes(), await docker().listContainers({ all: true })]
    expect(JSON.stringify(told)).not.toContain(value)
    const volumes = (await inspect(made.id)).Mounts.map(({ Name }) => Name)
    expect(volumes).toHaveLength(2)
    await provider.scale(made, 0)
    expect(await replicasOf(made)).toEqual([])
    const left = (await docker().listVolumes()).Volumes.map(({ Name }) => Name)
    expect(left.filter((name) => volumes.includes(name))).toEqual([])
    await provider.secrets?.remove(secret)
  })

  it.each([
    [{ limits: { memory: '2Mi' } }, /2Mi of memory are too little/],
    [{ limits: { cpu: '1000' } }, /asks for 1000 processors; this engine has \d+/],
    [{ image: 'dir:/home/me/hello' }, /runs images, not folders such as \/home\/me\/hello/],
  ])('refuses %j when it is deployed', async (asked, sentence) => {
    const { provider, revision } = site()
    await expect(provider.prepare(revision('probe', asked), () => {})).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(sentence),
      hint: expect.any(String),
    })
  })

  it('says which program it is that cannot be started', async () => {
    const { revision, whyNot } = site()
    const image = await smallImage('no-program', ['CMD ["/no/such/program"]'])
    expect(await whyNot(revision('probe', { image }))).toContain('/no/such/program')
  })
})

const inspect = async (revision: string): Promise<ContainerInspectInfo> => {
  const filters = { label: [`${label.revision}=${revision}`] }
  const [container] = await docker().listContainers({ filters })
  return docker()
    .getContainer(container?.Id ?? '')
    .inspect()
}

async function limitsOf(revision: string) {
  const { Memory, MemorySwap, NanoCpus, PidsLimit } = (await inspect(revision)).HostConfig
  return { memory: Memory, swap: MemorySwap, cpus: (NanoCpus ?? 0) / 1e9, pids: PidsLimit }
}
