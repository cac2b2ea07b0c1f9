import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { gatewayClient, type GatewayClient } from '../../cli/gateway-client.ts'
import { makeSecret } from '../../cli/secrets.ts'

const page: RequestListener = (_, res) =>
  void res.setHeader('Content-Type', 'text/html; charset=utf-8').end('<html>Welcome</html>')

async function failing(listener: RequestListener, ask: (gateway: GatewayClient) => Promise<unknown>) {
  const server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = gatewayClient({ url, authorization: undefined, tlsNoVerify: false })
  const error: unknown = await ask(gateway).catch((thrown: unknown) => thrown)
  server.close()
  return { error, url }
}

describe('a server that is no gateway', () => {
  it.each<[string, (gateway: GatewayClient) => Promise<unknown>]>([
    ['read', (gateway) => gateway.read('/system/nodes')],
    ['told to remove something', (gateway) => gateway.remove('hello')],
    ['given a secret', (gateway) => makeSecret(gateway, { name: 'x', value: 'x' })],
  ])('is found out by its page when it is %s', async (_, ask) => {
    const { error, url } = await failing(page, ask)
    const hint = expect.stringContaining('OPENFAAS_URL')
    expect(error).toMatchObject({ code: 'upstream_invalid', message: `What answers at ${url} is not a gateway.`, hint })
  })

  it('is told apart from a proxy only by its log: its page of an error is not printed', async () => {
    const { error, url } = await failing(
      (req, res) => page(req, Object.assign(res, { statusCode: 502 })),
      (gateway) => gateway.list(),
    )
    expect(error).toMatchObject({ message: `What answers at ${url} is not a gateway. It answers 502.` })
  })

  it('and points to another place says where that is', async () => {
    const moved: RequestListener = (_, res) => void res.writeHead(301, { Location: 'https://faas.example.org/x' }).end()
    const { error, url } = await failing(moved, (gateway) => gateway.list())
    expect(error).toMatchObject({
      message: `${url} points to https://faas.example.org/x.`,
      hint: 'If the gateway is there, name that: --gateway https://faas.example.org',
    })
  })
})
