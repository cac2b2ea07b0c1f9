import { directEdge } from './direct-edge.ts'

/**
 * The edge in front of one function in a process of its own: `node edge-process.ts HOST PORT`. Prints its port, and to
 * whoever sends it a message it sends the most memory that it has used, in MiB.
 */
const [host = '127.0.0.1', port] = process.argv.slice(2)
const front = await directEdge({ host, port: Number(port) })
process.on('message', () => process.send?.(process.resourceUsage().maxRSS / 1024))
console.log(front.port)
