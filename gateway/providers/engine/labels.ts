import type { Revision } from '../../core/ports.ts'
import { FunctionSpec } from '../../core/spec.ts'

/**
 * Everything that belongs to a function carries `skep.function`, everything that belongs to a gateway `skep.gateway`:
 * `docker ps --filter label=skep.function` shows it, and a gateway that lost its memory finds it.
 */
export const label = {
  gateway: 'skep.gateway',
  role: 'skep.role',
  function: 'skep.function',
  revision: 'skep.revision',
  spec: 'skep.spec',
  created: 'skep.created',
  digest: 'skep.digest',
  message: 'skep.message',
  by: 'skep.by',
  brought: 'skep.brought',
  secret: 'skep.secret',
  namespace: 'skep.namespace',
} as const

export type Labels = Readonly<Record<string, string>>

export function labelsOf({ id, function: key, spec, createdAt, ...facts }: Revision, gateway: string): Labels {
  return {
    [label.gateway]: gateway,
    [label.function]: key,
    [label.revision]: id,
    [label.spec]: JSON.stringify(spec),
    [label.created]: createdAt,
    ...(facts.digest && { [label.digest]: facts.digest }),
    ...(facts.message && { [label.message]: facts.message }),
    ...(facts.by && { [label.by]: facts.by }),
  }
}

/** Undefined where the labels are those of something else, or of a Skep that wrote them in another way. */
export function revisionOf(labels: Labels): Revision | undefined {
  const id = labels[label.revision]
  const key = labels[label.function]
  const createdAt = labels[label.created]
  const spec = FunctionSpec.safeParse(parsed(labels[label.spec]))
  if (!id || !key || !createdAt || !spec.success) return undefined
  const number = Number(id.slice(key.length + 1))
  const { [label.digest]: digest, [label.message]: message, [label.by]: by } = labels
  return { id, function: key, number, spec: spec.data, createdAt, digest, message, by }
}

/** A filter for what has all these labels. */
export const having = (labels: Labels): { label: string[] } => ({
  label: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
})

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '')
  } catch {
    return undefined // not written by Skep: no spec
  }
}
