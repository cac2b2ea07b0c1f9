import { type Engine, EngineRefusal } from './docker-client.ts'
import { hardened } from './docker-container.ts'
import { isPauseArchitecture } from './docker-pause.ts'
import { ensurePauseImage } from './docker-pause-image.ts'

/**
 * Whether the engine can run a foreign processor's programs: some have an emulator, and nothing but trying tells.
 * True as well for processors that there is no trial for: the function's own start will tell.
 */
export async function canRun(engine: Engine, architecture: string): Promise<boolean> {
  if (!isPauseArchitecture(architecture)) return true
  const Image = await ensurePauseImage(engine, architecture)
  const { id } = await engine.ask((docker) =>
    docker.createContainer({ Image, HostConfig: { ...hardened, NetworkMode: 'none' } }),
  )
  try {
    await engine.ask((docker) => docker.getContainer(id).start())
    const { State } = await engine.ask((docker) => docker.getContainer(id).inspect())
    return State.Running
  } catch (error) {
    if (error instanceof EngineRefusal) return false // "exec format error", in one wording or another
    throw error
  } finally {
    await engine.ask((docker) => docker.getContainer(id).remove({ force: true }))
  }
}
