import { renameSync, rmSync, writeFileSync } from 'node:fs'

/** Whoever reads the file sees the old or the new text, whenever this process is killed. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`
  try {
    writeFileSync(draft, text, { mode: 0o600 })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
