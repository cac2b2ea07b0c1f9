import { existsSync, writeFileSync } from 'node:fs'
import { findProgram, run } from './shell.ts'

const folder = '/proc/sys/fs/binfmt_misc'
const entry = `${folder}/qemu-aarch64`

/** Whether programs for arm64 run on this machine. */
export const emulatesArm64 = (): boolean => existsSync(entry)

/** Lets this machine run programs for arm64, containers' too. Resolves with the way to take it back. */
export async function emulateArm64(): Promise<() => void> {
  if (emulatesArm64()) return () => {}
  if (!existsSync(`${folder}/register`)) await run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder])
  // An ELF of 64 bits, little-endian, a program, for aarch64. F: the kernel opens the emulator now, so no image needs it.
  const magic = '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00'
  const mask = '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff'
  writeFileSync(`${folder}/register`, `:qemu-aarch64:M::${magic}:${mask}:${findProgram('qemu-aarch64-static')}:F`)
  return () => writeFileSync(entry, '-1')
}
