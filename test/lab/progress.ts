import type Docker from 'dockerode'

interface Step {
  readonly stream?: string
  readonly error?: string
}

/** Resolves when a build, push, pull or load is done; the engine tells a failure in its progress only. */
export async function done(docker: Docker, progress: NodeJS.ReadableStream): Promise<void> {
  const steps = await new Promise<Step[]>((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null, said: Step[]) =>
      error ? reject(error) : resolve(said),
    )
  })
  const failure = steps.find(({ error }) => error !== undefined)
  if (!failure) return
  const said = steps.map(({ stream = '' }) => stream).join('')
  throw new Error(`${failure.error}\n${said.slice(-2000)}`)
}
