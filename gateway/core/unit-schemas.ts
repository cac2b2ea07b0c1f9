import { z } from 'zod'
import { parseCpus, parseDuration, parseSize } from './units.ts'

export const Duration = z
  .union([z.string(), z.number().nonnegative().transform(String)])
  .refine((text) => parseDuration(text) !== undefined, 'use a duration such as 30s, 5m or 1h30m')

export const Size = z
  .union([z.string(), z.number().nonnegative().transform(String)])
  .refine((text) => parseSize(text) !== undefined, 'use a size such as 64Mi or 1Gi')

export const Cpus = z
  .union([z.string(), z.number().positive().transform(String)])
  .refine((text) => (parseCpus(text) ?? 0) > 0, 'use processors such as 0.5, 2 or 100m')
