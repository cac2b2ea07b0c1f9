import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../core/errors.ts'
import type { Revision } from '../../core/ports.ts'
import type { Progress } from '../../core/progress.ts'
import { unlessMissing } from '../engine/client.ts'
import { label } from '../engine/labels.ts'
import type { PinnedImage } from './image.ts'
import type { SwarmNode } from './nodes.ts'
import type { SwarmPlace } from './place.ts'
import { placementPlatforms } from './platforms.ts'
import { serviceName } from './service.ts'

const lookEveryMs = 100
const limitMs = 15 * 60_000
/** In no image: the container ends before it begins, but not before its image is there. */
const nothing = '/skep-only-brings-the-image'

interface PullTask {
  readonly NodeID?: string
  readonly Status: { readonly State: string; readonly Err?: string }
}

export interface WarmUp {
  readonly image: PinnedImage
  readonly places: readonly SwarmNode[]
  readonly progress: Progress
}

/**
 * Brings images to all nodes that may run them, so that a node that cannot have one shows at the deploy and no cold
 * start ever waits for a registry. A Swarm pulls only for tasks, so a service is made whose tasks do nothing else.
 */
export class ImageBringer {
  readonly #place: SwarmPlace
  readonly #brought = new Set<string>()

  constructor(place: SwarmPlace) {
    this.#place = place
  }

  async bring(revision: Revision, { image, places, progress }: WarmUp): Promise<void> {
    const missing = places.filter(({ id }) => !this.#brought.has(`${id} ${image.reference}`))
    if (missing.length === 0) return
    progress(`Bringing ${revision.spec.image} to ${missing.map(({ name }) => name).join(', ')} …`)
    const service = await this.#begin(revision, image)
    try {
      await this.#allHaveIt(service, revision, places)
    } finally {
      await unlessMissing(this.#place.engine.ask((docker) => docker.getService(service).remove()))
    }
    for (const { id } of places) this.#brought.add(`${id} ${image.reference}`)
  }

  async #begin(revision: Revision, { reference, platforms }: PinnedImage): Promise<string> {
    const { engine, gateway } = this.#place
    const settings = {
      // Not to be in the way of one that a gateway left that was killed; that one goes with its revision.
      Name: serviceName(this.#place, `${revision.id}-image-${crypto.randomUUID().slice(0, 6)}`),
      Labels: { [label.gateway]: gateway, [label.revision]: revision.id, [label.role]: 'image' },
      Mode: { Global: {} },
      EndpointSpec: { Mode: 'dnsrr' },
      TaskTemplate: {
        ContainerSpec: { Image: reference, Command: [nothing], HealthCheck: { Test: ['NONE'] } },
        RestartPolicy: { Condition: 'none' },
        Placement: { Constraints: revision.spec.constraints, Platforms: placementPlatforms(platforms) },
      },
    }
    return (await engine.ask((docker) => docker.createService(settings))).id
  }

  async #allHaveIt(service: string, { spec }: Revision, places: readonly SwarmNode[]): Promise<void> {
    const filters = { service: [service] }
    const deadline = Date.now() + limitMs
    for (;;) {
      const tasks = await this.#place.engine.ask((docker) => docker.listTasks({ filters }) as Promise<PullTask[]>)
      const without = places.filter(({ id }) =>
        tasks.some((task) => task.NodeID === id && task.Status.State === 'rejected'),
      )
      if (without.length > 0) throw cannotPull(spec.image, without)
      const isDone = ({ id }: SwarmNode): boolean =>
        tasks.some(({ NodeID, Status }) => NodeID === id && isOver(Status.State))
      if (places.every(isDone)) return
      if (Date.now() > deadline)
        throw cannotPull(
          spec.image,
          places.filter((node) => !isDone(node)),
        )
      await sleep(lookEveryMs)
    }
  }
}

const isOver = (state: string): boolean => state === 'failed' || state === 'complete' || state === 'shutdown'

const cannotPull = (image: string, nodes: readonly SwarmNode[]): SkepError =>
  new SkepError('invalid_request', `${nodes.map(({ name }) => name).join(', ')} cannot get ${image}.`, {
    hint: 'Push it to a registry that every node reaches, such as the one in the stack.',
  })
