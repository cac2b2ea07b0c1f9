import { z } from 'zod'
import type { Revision } from './ports.ts'
import { FunctionSpec } from './spec.ts'

/** How much of a function's traffic one of its revisions gets, in percent. All shares of a function add up to 100. */
export interface Share {
  readonly revision: number
  readonly weight: number
}

/** What is kept of a revision, besides its function's name. */
export const RevisionRecord = z.object({
  number: z.int(),
  createdAt: z.string(),
  spec: FunctionSpec,
  digest: z.string().optional(),
  message: z.string().optional(),
  by: z.string().optional(),
})

export function newRevision(key: string, record: Omit<z.infer<typeof RevisionRecord>, 'createdAt'>): Revision {
  return { id: `${key}-${record.number}`, function: key, createdAt: new Date().toISOString(), ...record }
}

/** Whether both run the same program in the same way. Without a digest nobody knows. */
export function isSame(a: Pick<Revision, 'spec' | 'digest'>, b: Pick<Revision, 'spec' | 'digest'>): boolean {
  return a.digest !== undefined && a.digest === b.digest && canonical(a.spec) === canonical(b.spec)
}

/** As JSON, whatever order its keys were written in. */
function canonical(spec: FunctionSpec): string {
  return JSON.stringify(spec, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
