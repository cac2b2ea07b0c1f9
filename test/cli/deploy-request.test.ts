import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { requestDeploy } from '../../cli/deploy-request.ts'
import { gatewayClient } from '../../cli/gateway-client.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'

it.each<[string, RequestListener]>([
  ['does not answer', () => {}],
  ['tells progress and never ends', (_, answer) => beginning(answer.setHeader('Content-Type', 'application/x-ndjson'))],
])('a deploy by a gateway that %s ends with its time, and says so', async (_, listener) => {
  const server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = gatewayClient({ url, authorization: undefined, tlsNoVerify: false })
  const spec = FunctionSpec.parse({ name: 'hello', image: 'hello' })
  const deploy = requestDeploy(gateway, spec, { method: 'update', timeoutMs: 200, progress() {} })
  await expect(deploy).rejects.toMatchObject({
    message: 'hello was not deployed within --timeout.',
    hint: expect.stringContaining('skep revisions hello'),
  })
  server.closeAllConnections()
  server.close()
})

const beginning = (answer: Parameters<RequestListener>[1]) => answer.write('{"message":"pulling"}\n')
