import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Revision } from '../../gateway/core/ports.ts'
import type { Ground } from '../contract/provider-site.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const fixture = (name: string): string => `dir:${here(`test/fixtures/functions/${name}`)}`

/** A place for the process provider, in a temporary folder. */
export async function processGround(): Promise<Ground<'process'>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'skep-process-'))
  const { PATH, HOME } = process.env
  return {
    options: { dataDir, runtimesDir: here('runtimes'), environment: { PATH, HOME } },
    specs: {
      probe: { image: fixture('probe') },
      crash: { image: fixture('crash') },
      missing: { image: fixture('no-such-folder') },
    },
    leftovers: async (revision) => [...processesOf(dataDir, revision), ...(await filesOf(dataDir, revision))],
    close: () => rm(dataDir, { recursive: true }),
  }
}

async function filesOf(dataDir: string, { id }: Revision): Promise<string[]> {
  const folders = ['replicas', 'revisions'].map((kind) => readdir(join(dataDir, kind)).catch(() => []))
  return (await Promise.all(folders)).flat().filter((name) => name.startsWith(id))
}

/** Whatever a replica started has its HOME. */
function processesOf(dataDir: string, { id }: Revision): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => homeOf(pid).startsWith(join(dataDir, 'replicas', id)))
}

function homeOf(pid: string): string {
  try {
    return /(?:^|\0)HOME=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1] ?? ''
  } catch {
    return '' // it has ended meanwhile
  }
}
