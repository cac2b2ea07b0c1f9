import { EngineRefusal } from './client.ts'
import { hardened } from './container.ts'
import { label } from './labels.ts'
import { discard, launch, type Place } from './place.ts'
import { isKnown } from './program.ts'
import { ensureProgram } from './program-image.ts'
import { containerName } from './survey.ts'

/**
 * Whether the engine can run a foreign processor's programs: some have an emulator, and nothing but trying tells.
 * True as well for processors that there is no trial for: the function's own start will tell.
 */
export async function canRun(place: Place, architecture: string): Promise<boolean> {
  if (!isKnown(architecture)) return true
  const Image = await ensureProgram(place.engine, 'exit', architecture)
  const name = containerName(place, `trial-${crypto.randomUUID().slice(0, 6)}`)
  const Labels = { [label.gateway]: place.gateway, [label.role]: 'trial' }
  place.making.add(name)
  try {
    await launch(place, { name, Image, Labels, HostConfig: { ...hardened, NetworkMode: 'none' } })
    // Some engines refuse to start it, others let it fail.
    const { StatusCode } = await place.engine.ask((docker) => docker.getContainer(name).wait())
    return StatusCode === 0
  } catch (error) {
    if (error instanceof EngineRefusal) return false
    throw error
  } finally {
    await discard(place.engine, name)
    place.making.delete(name)
  }
}
