import type Docker from 'dockerode'
import { readdirSync } from 'node:fs'

/** Builds the Dockerfile of a folder; a failure carries the end of the build's output. */
export async function buildFolder(
  docker: Docker,
  folder: string,
  { tag, platform = '' }: { tag: string; platform?: string | undefined },
): Promise<void> {
  const files = { context: folder, src: readdirSync(folder) }
  const output = await docker.buildImage(files, { t: tag, platform, forcerm: true })
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(output, (error: Error | null, lines: { stream?: string }[]) => {
      if (!error) return resolve()
      const said = lines.map((line) => line.stream ?? '').join('')
      reject(new Error(`Building ${tag} failed: ${error.message}\n${said.slice(-2000)}`, { cause: error }))
    })
  })
}
