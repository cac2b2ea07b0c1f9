import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
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
    const changes = [`LABEL ${recipeLabel}=${image.recipe}`, ...(await recipes[image.name](root))]
    const archive = join(folder, 'root.tar')
    await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.'])
    const [repo, tag] = image.tag.split(':')
    const output = await docker.importImage(archive, { repo, tag, changes })
    await done(docker, output)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fingerprint(): string {
  const source = readFileSync(new URL('recipes.ts', import.meta.url))
  return createHash('sha256').update(source).update(process.version).digest('hex').slice(0, 12)
}
