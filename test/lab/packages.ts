import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './shell.ts'

/** What only a package manager needs. */
const needless = /^(debconf|cdebconf|dpkg|tar|perl-base|gcc-\d+-base|media-types|mailcap|sensible-utils)_/

/** Unpacks Debian packages, and all that they need, into a root file system. No script of theirs runs. */
export function addPackages(root: string, ...packages: readonly string[]): Promise<void> {
  return unpack(root, packages, async () => [])
}

/** The same for another processor. */
export function addForeignPackages(root: string, architecture: string, ...packages: readonly string[]): Promise<void> {
  return unpack(root, packages, async (folder) => {
    mkdirSync(join(folder, 'lists/partial'), { recursive: true })
    const settings = [
      `APT::Architecture=${architecture}`,
      `APT::Architectures=${architecture}`,
      `Dir::State::lists=${folder}/lists`,
      `Dir::Cache::pkgcache=`,
      `Dir::Cache::srcpkgcache=`,
    ].flatMap((setting) => ['-o', setting])
    // What one source does not have for it another one may; the install has the last word.
    await run('apt-get', ['-qq', ...settings, 'update']).catch(() => undefined)
    return settings
  })
}

async function unpack(
  root: string,
  packages: readonly string[],
  more: (folder: string) => Promise<readonly string[]>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'skep-packages-'))
  try {
    mkdirSync(join(folder, 'partial'))
    writeFileSync(join(folder, 'status'), '') // nothing counts as installed, so everything is brought
    const settings = [
      `Dir::State::status=${folder}/status`,
      `Dir::Cache::archives=${folder}`,
      'APT::Install-Recommends=0',
      'APT::Sandbox::User=root',
      'Debug::NoLocking=1',
    ].flatMap((setting) => ['-o', setting])
    const all = [...settings, ...(await more(folder))]
    await run('apt-get', ['-qq', '-y', ...all, '--download-only', 'install', ...packages])
    const files = readdirSync(folder).filter((name) => name.endsWith('.deb') && !needless.test(name))
    for (const file of files) await run('dpkg-deb', ['-x', join(folder, file), root])
    for (const name of ['doc', 'man', 'locale', 'lintian', 'info']) {
      rmSync(join(root, 'usr/share', name), { recursive: true, force: true })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
