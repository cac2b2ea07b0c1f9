import type Docker from 'dockerode'

/** Resolves when a build, push, pull or load is done; the engine tells a failure in its progress only. */
export async function done(docker: Docker, progress: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
