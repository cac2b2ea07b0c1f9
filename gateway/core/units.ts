const durationUnits = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  ki: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
}

/** Milliseconds of a Go duration (`1h30m`, `500ms`) or of whole seconds (`90`); undefined when it is neither. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    ms += Number(amount) * durationUnits[unit as keyof typeof durationUnits]
  }
  return ms
}

/** Bytes of `128Mi`, `128m`, `64MB` …; every unit is binary, as Docker reads it. Undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text.trim())
  const factor = sizeUnits[match?.[2]?.toLowerCase() ?? '?']
  return factor === undefined ? undefined : Math.round(Number(match?.[1]) * factor)
}

/** Processors of `100m` (a tenth), `0.5` or `2`; undefined when it is none of these. */
export function parseCpus(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text.trim())
  if (!match) return undefined
  return match[2] === 'm' ? Number(match[1]) / 1000 : Number(match[1])
}
