import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { done } from './progress.ts'
import { recipes, type BaseImage } from './recipes.ts'
import { run } from './shell.ts'

/** What an image was made from; another recipe or another Node makes it anew. */
const recipeLabel = 'skep.test.recipe'

/** Makes sure that the engine has the image, without any registry, and resolves with its tag. */
export async function provideImage(docker: Docker, name: BaseImage): Promise<string> {
  const tag = `skep-test/${name}:local`
  const recipe = fingerprint()
  const there = await docker
    .getImage(tag)
    .inspect()
    .catch(() => undefined)
  if (there?.Config.Labels?.[recipeLabel] !== recipe) await build(docker, { name, tag, recipe })
  return tag
}

async function build(docker: Docker, image: { name: BaseImage; tag: string; recipe: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'skep-image-'))
  try {
    const root = join(folder, 'root')
    mkdirSync(root)
    const { platform = '', instructions = [] } = await recipes[image.name](root)
    const dockerfile = ['FROM scratch', 'ADD root.tar /', `LABEL ${recipeLabel}=${image.recipe}`, ...instructions]
    writeFileSync(join(folder, 'Dockerfile'), dockerfile.join('\n'))
    await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', join(folder, 'root.tar'), '.'])
    await run('tar', ['-C', folder, '-cf', join(folder, 'context.tar'), 'Dockerfile', 'root.tar'])
    // Not `docker import`, which is quicker: an engine before 23 ignores its platform.
    const output = await docker.buildImage(join(folder, 'context.tar'), { t: image.tag, platform, forcerm: true })
    await done(docker, output)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fingerprint(): string {
  const source = readFileSync(new URL('recipes.ts', import.meta.url))
  return createHash('sha256').update(source).update(process.version).digest('hex').slice(0, 12)
}
