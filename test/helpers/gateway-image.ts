import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { done } from '../lab/progress.ts'
import { run } from '../lab/shell.ts'
import { baseImage, docker } from './engine.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tag = 'skep-test/skep-gateway:local'

/** The gateway's image, built from its own Dockerfile in the tests' engine. */
export async function gatewayImage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'skep-gateway-'))
  try {
    await run(process.execPath, [join(root, 'bundle.ts'), join(folder, 'dist')])
    const context = join(folder, 'context.tar')
    const sources = ['-C', root, 'package.json', 'runtimes', 'gateway/Dockerfile']
    await run('tar', ['-cf', context, '-C', folder, 'dist', ...sources])
    const buildargs = { BASE_IMAGE: await baseImage('node') }
    const options = { t: tag, dockerfile: 'gateway/Dockerfile', buildargs, forcerm: true }
    await done(docker(), await docker().buildImage(context, options))
    return tag
  } finally {
    rmSync(folder, { recursive: true })
  }
}
