import { z } from 'zod'
import { headerValue } from './header-value.ts'
import type { Invocation } from './invocation.ts'

/** How callers are told apart, so that each stays with one revision while the traffic is split: by a cookie, or by a header of theirs. */
export const Sticky = z.union([
  z.literal('cookie'),
  z.strictObject({ header: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'not the name of a header') }),
])
export type Sticky = z.infer<typeof Sticky>

/** What a choice of revisions looks at. */
export type Caller = Partial<Pick<Invocation, 'revision' | 'pinned' | 'headers' | 'answer'>>

/** Where from 0 to 100 the caller stands, each time the same; undefined for one who cannot be told from others. */
export function pointOf(sticky: Sticky, { headers = [], answer }: Caller): number | undefined {
  if (sticky !== 'cookie') return spread(headerValue(headers, sticky.header.toLowerCase()))
  const known = /(?:^|;\s*)skep-caller=([^;]+)/.exec(headerValue(headers, 'cookie') ?? '')?.[1]
  if (known !== undefined || answer?.setCookie === undefined) return spread(known)
  const id = crypto.randomUUID()
  answer.setCookie(`skep-caller=${id}; Path=/; HttpOnly; SameSite=Lax`)
  return spread(id)
}

/** FNV-1a, and then MurmurHash3's last steps: names that differ in their last letter must end far from each other. */
function spread(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100
}
