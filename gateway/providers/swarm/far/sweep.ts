import { unlessMissing } from '../../engine/client.ts'
import { having, label } from '../../engine/labels.ts'
import type { SwarmPlace } from '../place.ts'
import { hasEnded } from '../tasks.ts'
import { type RelayTask, relayRole } from './relay.ts'

/** A gateway that is there takes its relay away itself, and until then may want to know why it has ended. */
const mournedMs = 5000
/** A node may have to fetch the image first; longer than any build waits for that. */
const longestStartMs = 3600_000

/** Takes away what gateways have left that were killed while they had something built: a relay ends without its gateway. */
export async function sweepRelays({ engine, gateway }: Pick<SwarmPlace, 'engine' | 'gateway'>): Promise<void> {
  const filters = having({ [label.gateway]: gateway, [label.role]: relayRole })
  const services = await engine.ask((docker) => docker.listServices({ filters }))
  for (const { ID, CreatedAt } of services) {
    const tasks = await engine.ask((docker) => docker.listTasks({ filters: { service: [ID] } }) as Promise<RelayTask[]>)
    if (tasks.some(isWanted) && Date.now() - Date.parse(CreatedAt ?? '') < longestStartMs) continue
    if (tasks.some(({ Status }) => Status.State === 'running')) continue
    await unlessMissing(engine.ask((docker) => docker.getService(ID).remove()))
  }
}

const isWanted = ({ Status }: RelayTask): boolean =>
  !hasEnded(Status.State) || Date.now() - Date.parse(Status.Timestamp) < mournedMs
