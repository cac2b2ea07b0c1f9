import { Hono } from 'hono'
import { SkepError } from '../core/errors.ts'
import { type Builder, BuildRequest } from '../core/image-build.ts'
import type { Log } from '../core/ports.ts'
import { parseBody } from './openfaas-types.ts'
import { withProgress } from './with-progress.ts'

const hint =
  'Send a tar as the body, and in the header X-Skep-Build what to make of it: {"name":"hello"}. "skep up --remote" does.'

/** What OpenFaaS has no words for: the image of a function, made of the files that the caller sends. */
export function buildRoutes(build: Builder, log: Log): Hono {
  const app = new Hono()

  app.post('/system/builds', (c) => {
    const request = parseBody(BuildRequest, jsonOf(c.req.header('X-Skep-Build')))
    const context = c.req.raw.body
    if (context === null) throw new SkepError('invalid_request', 'There is no tar of a folder in the body.', { hint })
    return withProgress(log, async (progress, signal) => ({
      image: await build(request, { context, progress, signal }),
    }))
  })

  return app
}

function jsonOf(header = ''): unknown {
  try {
    return JSON.parse(header)
  } catch (cause) {
    throw new SkepError('invalid_request', 'The header X-Skep-Build is not JSON.', { hint, cause })
  }
}
