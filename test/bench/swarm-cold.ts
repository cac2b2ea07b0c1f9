import { probe } from '../../gateway/http/probe.ts'
import { until } from '../helpers/until.ts'
import { startHive, type Hive } from '../e2e/hive.ts'

// From nothing to the first answer in a Swarm of three nodes, in milliseconds: a service that is scaled from 0 to 1 by
// hand, and a call through the gateway. The two take turns, so that whatever else the machine does meets both.

const runs = 15

export interface ColdFigures {
  readonly byHand: readonly number[]
  readonly throughSkep: readonly number[]
}

export async function coldOnSwarm(): Promise<ColdFigures> {
  const hive = await startHive('m1', 'w1', 'w2')
  try {
    await hive.deploy('bees', { scale: { 'start-timeout': '2m' } })
    const service = await bareService(hive)
    const figures = { byHand: [] as number[], throughSkep: [] as number[] }
    for (let run = 0; run < runs; run++) {
      figures.byHand.push(await service.fromZero())
      figures.throughSkep.push(await fromZero(hive))
    }
    return figures
  } finally {
    await hive.down()
  }
}

async function fromZero(hive: Hive): Promise<number> {
  await hive.skep.scale('bees', 0)
  await hive.has('bees', 0)
  const start = performance.now()
  await hive.call('bees', '/')
  return performance.now() - start
}

interface Task {
  readonly Status: { readonly State: string }
  readonly NetworksAttachments?: { readonly Addresses?: string[] }[]
}

/** A service like that of a replica, which only Docker scales. */
async function bareService(hive: Hive) {
  const { docker } = hive.swarm.node('m1')
  await until(async () => (await hive.replicas()).length > 0)
  const [replica] = await docker.listServices({ filters: { label: ['skep.role=replica'] } })
  const created = await docker.createService({
    ...replica?.Spec,
    Name: 'bare',
    Labels: {},
    Mode: { Replicated: { Replicas: 0 } },
  })
  const service = docker.getService(created.id)
  const tasks = (): Promise<Task[]> => docker.listTasks({ filters: { service: ['bare'] } })
  const scale = async (Replicas: number): Promise<void> => {
    const { Spec, Version } = await service.inspect()
    await service.update({ ...Spec, Mode: { Replicated: { Replicas } }, version: Version.Index })
  }
  const fromZero = async (): Promise<number> => {
    const start = performance.now()
    await scale(1)
    const task = await until(async () => (await tasks()).find(({ Status }) => Status.State === 'running'), 120_000)
    const host = task.NetworksAttachments?.[0]?.Addresses?.[0]?.replace(/\/.*/, '') ?? ''
    // As the gateway asks, so that only the ways are compared.
    await probe({ host, port: 8080 }, { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000) })
    await fetch(`http://${host}:8080/`)
    const ms = performance.now() - start
    await scale(0)
    await until(async () => (await tasks()).length === 0, 120_000)
    return ms
  }
  return { fromZero }
}
