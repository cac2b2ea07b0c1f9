import { openGateway } from '../gateway.ts'
import { examples, gatewayVerb, type GatewayOptions } from '../options.ts'
import type { Define } from './verb.ts'

interface NodeStatus {
  readonly name: string
  readonly role: string
  readonly platform: string
  readonly memoryBytes: number
  readonly availability: string
  readonly state: string
  readonly replicas: number
}

type NodesOptions = GatewayOptions & { readonly json?: boolean }

export const define: Define = (command, context) => {
  gatewayVerb(command)
    .option('-j, --json', 'print what the gateway answers')
    .addHelpText('after', examples('skep nodes'))
    .action(async (options: NodesOptions) => {
      const gateway = await openGateway(context, options)
      const nodes = await gateway.read<NodeStatus[]>('/system/nodes')
      if (options.json) return context.out.json(nodes)
      context.out.table(
        ['NAME', 'ROLE', 'PLATFORM', 'MEMORY', 'REPLICAS', 'AVAILABILITY', 'STATE'],
        nodes.map(({ name, role, platform, memoryBytes, replicas, availability, state }) => {
          return [name, role, platform, `${Math.round(memoryBytes / 2 ** 20)}Mi`, String(replicas), availability, state]
        }),
      )
    })
}
