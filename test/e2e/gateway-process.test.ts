import { fileURLToPath } from 'node:url'
import { describeGateway } from '../contract/gateway.ts'

const folder = (name: string): string => fileURLToPath(new URL(`../fixtures/functions/${name}`, import.meta.url))

describeGateway('processes', async () => ({
  settings: { SKEP_PROVIDER: 'process' },
  probe: { image: `dir:${folder('probe')}`, runtime: 'node' },
  crash: { image: `dir:${folder('crash')}`, runtime: 'node' },
  close: async () => {},
}))
