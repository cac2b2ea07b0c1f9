import { Hono } from 'hono'
import type { Node } from '../core/ports.ts'
import type { Skep } from '../core/skep.ts'

/** What OpenFaaS has no words for: the machines that functions run on. */
export function nodeRoutes(skep: Skep): Hono {
  const app = new Hono()
  app.get('/system/nodes', async (c) => c.json((await skep.nodes()).map(statusOf)))
  return app
}

/** Field by field: what a provider knows of a node besides is not API. */
function statusOf(node: Node & { replicas: number }) {
  const { name, role, platform, memoryBytes, availability, state, replicas } = node
  return { name, role, platform, memoryBytes, availability, state, replicas }
}
