import { setTimeout as sleep } from 'node:timers/promises'
import { baseImage, docker } from '../helpers/engine.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { gatewayImage } from '../helpers/gateway-image.ts'
import { residentMiB } from '../helpers/resident.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'
import { rounded, type Report } from './report.ts'

// What the gateway's image and its Redis hold in memory when nobody calls, as `docker compose up` starts them.

const name = `skep-bench-memory-${process.pid}`
const settings = [
  `SKEP_INSTANCE=${name}`,
  'SKEP_STORE=redis',
  'SKEP_QUEUE=redis',
  'DOCKER_HOST=unix:///engine/docker.sock',
]
/** Longer than the gateway's first look whether it rests (gateway/rest.ts). */
const restMs = 30_000

export async function memoryBench(): Promise<Report> {
  if (!dockerHost?.startsWith('unix://'))
    throw new Error('The memory bench needs the engine of the tests: SKEP_TEST_KEEP=1 npm test -- test/lab.')
  const socketFolder = new URL('.', dockerHost).pathname
  const redis = await start({ Image: await baseImage('redis'), Cmd: ['redis-server', '--appendonly', 'yes'] })
  const gateway = await start({
    Image: await gatewayImage(),
    Env: settings,
    User: '0:0',
    HostConfig: { NetworkMode: `container:${redis.id}`, Binds: [`${socketFolder}:/engine`] },
  })
  try {
    await sleep(restMs)
    return reportOf(residentMiB(await gateway.pid()), residentMiB(await redis.pid()))
  } finally {
    await gateway.remove()
    await redis.remove()
    await removeEverythingOf(name)
  }
}

async function start(settings: Parameters<ReturnType<typeof docker>['createContainer']>[0]) {
  const container = await docker().createContainer(settings)
  await container.start()
  return {
    id: container.id,
    pid: async () => (await container.inspect()).State.Pid,
    remove: () => container.remove({ force: true, v: true }),
  }
}

function reportOf(gateway: number, redis: number): Report {
  const together = rounded(gateway + redis, 1)
  return {
    rows: [
      { what: 'gateway', MiB: rounded(gateway, 1) },
      { what: 'Redis', MiB: rounded(redis, 1) },
    ],
    goals: [{ goal: 'gateway and Redis at rest, together: at most 90 MiB', measured: together, met: together <= 90 }],
  }
}
