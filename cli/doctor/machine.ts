import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { arch, freemem, homedir, platform, totalmem } from 'node:os'
import { fail, ok, warn, type Finding } from './check.ts'

const MiB = 2 ** 20

/** This machine, whatever runs on it. */
export function machineFindings(dataFolder: string): Finding[] {
  return [processorFinding(arch()), memoryFinding(totalmem(), availableMemory()), diskFinding(dataFolder)]
}

/** Functions' images exist for these; the gateway's own, too. */
export function processorFinding(name: string): Finding {
  if (['x64', 'arm64'].includes(name)) return ok('processor', name)
  return warn(
    'processor',
    `${name} is not tested with Skep.`,
    'Use a 64-bit system: "Raspberry Pi OS (64-bit)", for example.',
  )
}

export function memoryFinding(total: number, available: number): Finding {
  const said = `${Math.round(available / MiB)} of ${Math.round(total / MiB)} MiB are free`
  if (available > 200 * MiB) return ok('memory', said)
  const fix = 'skep status shows what runs; end what is not needed, or add memory'
  return available > 64 * MiB ? warn('memory', `Only ${said}.`, fix) : fail('memory', `Only ${said}.`, fix)
}

/** What the kernel could give away, which is more than what is unused. */
function availableMemory(): number {
  if (platform() !== 'linux') return freemem()
  const [, kibibytes] = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? []
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024
}

function diskFinding(dataFolder: string): Finding {
  const folder = existsSync(dataFolder) ? dataFolder : homedir()
  const { bavail, bsize, blocks } = statfsSync(folder)
  const [free, percent] = [bavail * bsize, Math.round((100 * bavail) / blocks)]
  const said = `${Math.round(free / MiB)} MiB (${percent} %) are free below ${folder}`
  if (free > 2048 * MiB) return ok('disk', said)
  const fix = 'docker image prune'
  return free > 256 * MiB ? warn('disk', `Only ${said}.`, fix) : fail('disk', `Only ${said}.`, fix)
}
