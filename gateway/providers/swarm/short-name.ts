import { createHash } from 'node:crypto'

/** What a Swarm takes as the name of a service or a secret. */
const longest = 63

/** The name itself, or what tells it apart where it is too long. */
export function shortName(name: string): string {
  if (name.length <= longest) return name
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, longest - mark.length - 1)}-${mark}`
}
