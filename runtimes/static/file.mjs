import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
}

/** The file that a request names, `index.html` for a folder; 304 for one that the caller has already. */
export async function fileAnswer(folder, { method, url, headers }) {
  if (method !== 'GET' && method !== 'HEAD') return { statusCode: 405, headers: { Allow: 'GET, HEAD' } }
  const found = await find(folder, url.split('?', 1)[0])
  if (!found) return { statusCode: 404, body: 'There is no such file.\n' }
  const { file, size } = found
  const tag = await tagOf(found)
  const head = { ETag: tag, 'Cache-Control': 'no-cache' } // kept, and asked for again each time
  if (headers['if-none-match']?.includes(tag)) return { statusCode: 304, headers: head }
  const type = types[extname(file).toLowerCase()] ?? 'application/octet-stream'
  const described = { ...head, 'Content-Type': type, 'Content-Length': size, 'X-Content-Type-Options': 'nosniff' }
  return { statusCode: 200, headers: described, body: createReadStream(file) }
}

const tags = new Map()

/** Of the content: all files of an image have the same time, and an edit that keeps the size would not be seen. */
async function tagOf({ file, size, mtimeMs }) {
  const known = tags.get(file)
  if (known?.size === size && known.mtimeMs === mtimeMs) return known.tag
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part)
  const tag = `"${hash.digest('base64url').slice(0, 22)}"`
  tags.set(file, { size, mtimeMs, tag })
  return tag
}

async function find(folder, path) {
  const wanted = decoded(path)
  if (wanted === undefined || wanted.split('/').some((part) => part.startsWith('.'))) return undefined
  try {
    const given = join(folder, wanted)
    // A link must not lead out of the folder.
    const file = await realpath((await stat(given)).isDirectory() ? join(given, 'index.html') : given)
    if (!file.startsWith((await realpath(folder)) + sep)) return undefined
    const stats = await stat(file)
    return stats.isFile() ? { file, size: stats.size, mtimeMs: stats.mtimeMs } : undefined
  } catch {
    return undefined // it is not there, or not to be read
  }
}

function decoded(path) {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined // not the name of any file
  }
}
