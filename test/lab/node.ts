import Docker from 'dockerode'
import { connection } from './docker-host.ts'
import { killDaemon, powerOff, runDaemon, startEngine } from './engine.ts'
import { ownedFolder } from './private-engine.ts'
import { dropCables, portOf, setPlug } from './switch.ts'

/** One machine of a Swarm: an engine with a name and a network namespace of its own, plugged into a switch. */
export interface Node {
  readonly name: string
  readonly folder: string
  readonly dockerHost: string
  /** On the switch; the tests reach it too. */
  readonly address: string
  /** The network namespace, for what must run on that machine. */
  readonly namespace: string
  readonly docker: Docker
  /** The engine crashes; its containers go on. */
  kill(): Promise<void>
  /** The power goes: engine and containers are gone at once. */
  powerOff(): Promise<void>
  /** Starts the engine again after either. Containers that went on are gone then. */
  start(): Promise<void>
  /** Pulls the network plug. */
  cut(): Promise<void>
  /** Puts it in again. */
  heal(): Promise<void>
}

/** `w1`, or `w1:i686` for one that takes its processor for that. */
export async function startNode(named: string, prefix: string, address: string): Promise<Node> {
  const [name = '', processor] = named.split(':')
  const folder = ownedFolder()
  const network = portOf(prefix, name, address)
  const engine = await startEngine(folder, network, { hostname: name, ...(processor && { processor }) })
  const cutPower = async (): Promise<void> => {
    await powerOff(folder)
    await dropCables(network)
  }
  return {
    name,
    folder,
    dockerHost: engine.dockerHost,
    address,
    namespace: network.namespace,
    docker: new Docker(connection(engine.dockerHost)),
    kill: () => killDaemon(folder),
    powerOff: cutPower,
    start: async () => {
      await cutPower()
      await runDaemon(engine)
    },
    cut: () => setPlug(network, 'down'),
    heal: () => setPlug(network, 'up'),
  }
}
