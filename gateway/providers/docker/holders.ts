import { messageOf } from '../../core/errors.ts'
import type { ContainerSettings } from '../engine/client.ts'
import { hardened, published } from '../engine/container.ts'
import type { Ground } from '../engine/ground.ts'
import { label } from '../engine/labels.ts'
import { discard, launch, locate, type Place } from '../engine/place.ts'
import { isKnown } from '../engine/program.ts'
import { ensureProgram } from '../engine/program-image.ts'
import { containerName, type Holder, type Survey } from '../engine/survey.ts'

const quietMs = 2000

/**
 * Containers that do nothing but have a network. Setting one up is more than half of a container's start, so it is
 * done beforehand: a function that starts joins the network of a spare holder, and leaves it for the next one.
 */
export class Holders {
  readonly #place: Place
  readonly #wanted: number
  readonly #taken = new Set<string>()
  #spare: Holder[] = []
  readonly #removals = new Set<Promise<void>>()
  #filling: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `wanted`: how many are kept for the next starts; with 0 a function gets its network while it starts. */
  constructor(place: Place, wanted: number) {
    this.#place = place
    this.#wanted = wanted
  }

  take(): Holder | undefined {
    if (!this.#place.role.leads) return undefined
    const holder = this.#spare.shift()
    if (holder) this.#taken.add(holder.container)
    return holder
  }

  /** Whether a holder that was taken still runs, as far as is known. */
  has({ container }: Holder): boolean {
    return this.#taken.has(container)
  }

  giveBack(holder: Holder): void {
    if (this.#taken.delete(holder.container)) this.#keep(holder)
  }

  /** It ended, whoever ended it. */
  lost(container: string): void {
    this.#taken.delete(container)
    this.#spare = this.#spare.filter((holder) => holder.container !== container)
  }

  /** Takes over those that nobody uses. */
  adopt({ holders, running, dead }: Survey): void {
    for (const container of dead) this.lost(container)
    for (const { holder } of running) if (holder) this.#taken.add(holder.container)
    for (const holder of holders) if (!this.has(holder)) this.#keep(holder)
  }

  /** The spares are another gateway's. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#spare = []
  }

  /** Makes the missing spares in the background, but not while a function needs the processor for its own start. */
  fillLater(): void {
    clearTimeout(this.#timer)
    if (!this.#closed && this.#place.role.leads) this.#timer = setTimeout(() => this.fill(), quietMs)
  }

  /** Makes the missing spares in the background. */
  fill(): void {
    this.#filling ??= this.#make()
      .catch((error: unknown) => {
        this.#place.log.warn('no spare network: functions start slower', { error: messageOf(error) })
      })
      .finally(() => (this.#filling = undefined))
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await Promise.all([this.#filling, ...this.#removals])
  }

  #keep(holder: Holder): void {
    if (this.#spare.some(({ container }) => container === holder.container)) return
    if (this.#spare.length < this.#wanted) this.#spare.push(holder)
    else this.#remove(holder)
  }

  #remove({ container }: Holder): void {
    const removal = discard(this.#place.engine, container)
      .catch(() => {}) // the next survey finds it again
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  async #make(): Promise<void> {
    const ground = await this.#place.ground()
    const architecture = ground.platform.replace('linux/', '')
    if (!isKnown(architecture)) return
    while (this.#spare.length < this.#wanted && !this.#closed && this.#place.role.leads) {
      const image = await ensureProgram(this.#place.engine, 'pause', architecture)
      this.#keep(await startHolder(this.#place, image, ground))
    }
  }
}

async function startHolder(place: Place, image: string, ground: Ground): Promise<Holder> {
  const name = containerName(place, `holder-${crypto.randomUUID().slice(0, 6)}`)
  place.making.add(name)
  try {
    const container = await launch(place, { name, Image: image, ...holderSettings(place, ground) })
    const address = await locate(place, container)
    if (!address) throw new Error(`The container ${name} ended at once.`)
    return { container, address }
  } finally {
    place.making.delete(name)
  }
}

function holderSettings({ gateway, network }: Place, ground: Ground): ContainerSettings {
  return {
    Labels: { [label.gateway]: gateway, [label.role]: 'holder' },
    User: '65534:65534',
    // The first process of a container is deaf to SIGTERM: the engine would wait for it when it is stopped.
    StopSignal: 'SIGKILL',
    ...published(ground.reach).settings,
    HostConfig: {
      ...hardened,
      ...published(ground.reach).host,
      NetworkMode: network,
      ReadonlyRootfs: true,
      // For the container's own start: the program itself needs 4 KiB and one process.
      Memory: 32 * 1024 * 1024,
      MemorySwap: 32 * 1024 * 1024,
      PidsLimit: 16,
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}
