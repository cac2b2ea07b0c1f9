import { SkepError } from '../core/errors.ts'

export interface Entry {
  readonly name: string
  readonly type: string
  /** Where a link leads. */
  readonly linkname?: string | undefined
}

/**
 * Sees of one entry of a tar after the other that it stays in the folder, whoever unpacks it. Returns the path to write it
 * under. Links may lead up only at their beginning, and nothing may lie below a link: so words alone tell where one leads.
 */
export function entryCheck(maxEntries: number): (entry: Entry) => string {
  const links = new Set<string>()
  const taken = new Set<string>()
  let entries = 0
  return ({ name, type, linkname = '' }) => {
    if (++entries > maxEntries) throw refused(`The folder has more than ${maxEntries} files.`)
    const path = inside(name, name)
    if (!['file', 'directory', 'symlink'].includes(type)) throw refused(`${name} is a ${type}, and no file or folder.`)
    for (const folder of parentsOf(path)) if (links.has(folder)) throw refused(`${name} lies below a link.`)
    if (type === 'symlink') {
      if (taken.has(path)) throw refused(`${name} is there twice.`)
      inside(linkTarget(path, linkname), `${name} -> ${linkname}`)
      links.add(path)
    } else if (links.has(path)) throw refused(`${name} is there twice.`)
    for (const one of [path, ...parentsOf(path)]) taken.add(one)
    return path
  }
}

function inside(path: string, shown: string): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  const leaves = path.startsWith('/') || steps.includes('..') || /[\0\\]/.test(path)
  if (leaves || path.length > 1000) throw refused(`${shown.slice(0, 200)} leads out of the folder.`)
  return steps.join('/') || '.'
}

/** A link's target as seen from the folder; what is left of `..` in it leads out, or might. */
function linkTarget(path: string, linkname: string): string {
  const [, up = '', rest = ''] = /^((?:\.\.?\/+)*(?:\.\.?$)?)(.*)$/s.exec(linkname) ?? []
  if (linkname === '' || linkname.startsWith('/')) return '..'
  const folder = parentsOf(path)[0]?.split('/') ?? []
  const steps = up.split('/').filter((step) => step === '..').length
  if (steps > folder.length) return '..'
  return [...folder.slice(0, folder.length - steps), rest].join('/')
}

/** `a/b`, `a` for `a/b/c`. */
function parentsOf(path: string): string[] {
  const steps = path.split('/').slice(0, -1)
  return steps.map((_, i) => steps.slice(0, steps.length - i).join('/'))
}

const refused = (message: string): SkepError =>
  new SkepError('invalid_request', message, {
    hint: 'Nothing was built. Send one folder with plain files and links within it.',
  })
