import type { AddressInfo, Server } from 'node:net'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Carrier, CarrierLimits, Outcome } from '../../gateway/core/carrier.ts'
import type { Invocation } from '../../gateway/core/invocation.ts'
import type { Address } from '../../gateway/core/ports.ts'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { edge } from '../../gateway/http/server.ts'
import type { Edge, EdgeOptions } from '../../gateway/http/server.ts'

export interface DirectEdge {
  readonly port: number
  readonly edge: Edge
  readonly carrier: Carrier
  /** How each invocation ended, in order. */
  readonly outcomes: Outcome[]
  /** Leases of upgrades that are still held. */
  leases(): number
  close(): Promise<void>
}

export interface DirectOptions extends Partial<Omit<EdgeOptions, 'invoker'>> {
  readonly limits?: Partial<CarrierLimits>
}

export const noLimits: CarrierLimits = { timeoutMs: 0, maxBodyBytes: Infinity, startTimeoutMs: 30_000 }

/** The edge and the carrier with nothing between them: the function `hello` is at one address, and others do not exist. */
export async function directEdge(address: Address, options: DirectOptions = {}): Promise<DirectEdge> {
  const carrier = httpCarrier()
  const outcomes: Outcome[] = []
  const limits = { ...noLimits, ...options.limits }
  let leases = 0

  function invoke(invocation: Invocation): void {
    if (invocation.function !== 'hello') return invocation.answer.fail(unknown(invocation.function))
    carrier.send(address, invocation, limits, (outcome) => {
      outcomes.push(outcome)
      if (outcome.kind === 'failed' || outcome.kind === 'unsent') invocation.answer.fail(outcome.error)
    })
  }

  async function lease(name: string) {
    if (name !== 'hello') throw unknown(name)
    leases++
    return { address, release: () => void leases-- }
  }

  const front = edge({
    app: (_, res) => res.writeHead(404, { 'X-App': 'yes' }).end('the app'),
    trustProxy: false,
    maySeeDetail: () => false,
    ...options,
    invoker: { invoke, lease },
  })
  const port = await listen(front.server)
  return {
    port,
    edge: front,
    carrier,
    outcomes,
    leases: () => leases,
    async close() {
      await front.close(0)
      carrier.close()
    },
  }
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const unknown = (name: string): SkepError =>
  new SkepError('function_not_found', `There is no function "${name}".`, { hint: 'Deploy it first.' })
