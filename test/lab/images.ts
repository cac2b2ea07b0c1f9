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
    const changes = [`LABEL ${recipeLabel}=${image.recipe}`, ...(await recipes[image.name](root))]
    const archive = join(folder, 'root.tar')
    await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.'])
    const isForeign = image.name.endsWith('-arm64')
    await (isForeign ? buildForeign : importRoot)(docker, { folder, archive, changes, tag: image.tag })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Root {
  readonly folder: string
  readonly archive: string
  readonly changes: readonly string[]
  readonly tag: string
}

async function importRoot(docker: Docker, { archive, changes, tag }: Root): Promise<void> {
  const [repo, version] = tag.split(':')
  await done(docker, await docker.importImage(archive, { repo, tag: version, changes: [...changes] }))
}

/** What is imported counts as made for the engine's own processor, whatever one says; what is built does not. */
async function buildForeign(docker: Docker, { folder, changes, tag }: Root): Promise<void> {
  writeFileSync(join(folder, 'Dockerfile'), ['FROM scratch', 'ADD root.tar /', ...changes].join('\n'))
  const context = join(folder, 'context.tar')
  await run('tar', ['-C', folder, '-cf', context, 'Dockerfile', 'root.tar'])
  const options = { t: tag, platform: 'linux/arm64', nocache: true }
  await done(docker, await docker.buildImage(context, options))
}

function fingerprint(): string {
  const source = readFileSync(new URL('recipes.ts', import.meta.url))
  return createHash('sha256').update(source).update(process.version).digest('hex').slice(0, 12)
}
