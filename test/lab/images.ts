import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { buildFolder } from './build.ts'
import { recipes, type BaseImage } from './recipes.ts'

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
  if (there?.Config.Labels?.[recipeLabel] === recipe) return tag

  const folder = mkdtempSync(join(tmpdir(), 'skep-image-'))
  try {
    const root = join(folder, 'root')
    mkdirSync(root)
    const { platform, instructions = [] } = await recipes[name](root)
    const dockerfile = ['FROM scratch', 'COPY root /', `LABEL ${recipeLabel}=${recipe}`, ...instructions]
    writeFileSync(join(folder, 'Dockerfile'), dockerfile.join('\n'))
    await buildFolder(docker, folder, { tag, platform })
    return tag
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fingerprint(): string {
  const source = readFileSync(new URL('recipes.ts', import.meta.url))
  return createHash('sha256').update(source).update(process.version).digest('hex').slice(0, 12)
}
