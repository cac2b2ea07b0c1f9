import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { declared, mentionedArguments } from '../../cli/platform-arguments.ts'
import { platformImage, platformsOf } from '../../cli/platforms.ts'
import { pushList } from '../../cli/registry.ts'
import { StackFunction } from '../../cli/stack-schema.ts'

const inFile = StackFunction.parse({ platforms: 'linux/amd64, linux/arm/v7' })

describe('the platforms of an image', () => {
  it('are the command line’s; the file’s count for publish alone', () => {
    expect(platformsOf('hello', inFile, {})).toEqual([])
    expect(platformsOf('hello', inFile, { heedsFile: true })).toEqual(['linux/amd64', 'linux/arm/v7'])
    expect(platformsOf('hello', inFile, { heedsFile: true, platforms: ['linux/arm64'] })).toEqual(['linux/arm64'])
    const wrong = StackFunction.parse({ platforms: 'arm' })
    expect(() => platformsOf('hello', wrong, { heedsFile: true })).toThrow('The platforms of hello are "arm".')
  })

  it('are in the tags of the images that one name stands for', () => {
    expect(platformImage('127.0.0.1:5000/hello', 'linux/arm/v7')).toBe('127.0.0.1:5000/hello:latest-arm-v7')
  })
})

describe('a Dockerfile', () => {
  const template =
    'FROM --platform=${TARGETPLATFORM:-linux/amd64} a\nFROM --platform=$BUILDPLATFORM b\nARG TARGETARCH\n'

  it('has its platforms declared before the first FROM, or the classic builder would not put them in', () => {
    expect(declared(`# syntax=x\n${template}`)).toBe(`# syntax=x\nARG TARGETPLATFORM\nARG BUILDPLATFORM\n${template}`)
    expect(declared('FROM scratch\n')).toBe('FROM scratch\n')
  })

  it('is given those that it mentions', () => {
    expect(mentionedArguments(template, 'linux/arm/v7', 'linux/amd64')).toEqual({
      TARGETPLATFORM: 'linux/arm/v7',
      TARGETARCH: 'arm',
      BUILDPLATFORM: 'linux/amd64',
    })
  })
})

describe('a registry that wants a login', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => servers.splice(0).forEach((server) => server.close()))

  /** As Docker's own: who comes without a token is told where to get one for a password. */
  async function registry(asked: string[]): Promise<string> {
    const answer: RequestListener = (req, res) => {
      void reply(req, asked, String(req.headers.host)).then(({ status, headers = {}, body = '' }) =>
        res.writeHead(status, headers).end(body),
      )
    }
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async function reply(req: IncomingMessage, asked: string[], host: string) {
    const { url = '', method, headers } = req
    if (url.startsWith('/token')) {
      asked.push(url)
      const isRight = headers.authorization === `Basic ${Buffer.from('maja:honey').toString('base64')}`
      return isRight ? { status: 200, body: '{"token":"t1"}' } : { status: 401 }
    }
    if (headers.authorization !== 'Bearer t1') {
      const challenge = `Bearer realm="http://${host}/token",service="lab",scope="repository:a/hello:pull,push"`
      return { status: 401, headers: { 'WWW-Authenticate': challenge } }
    }
    asked.push(`${method} ${url} ${await text(req)}`)
    return { status: 200, headers: { 'Docker-Content-Digest': 'sha256:d1', 'Content-Type': 'type/one' }, body: '12345' }
  }

  it('gives a token for the password that docker login stored, and takes the list', async () => {
    const asked: string[] = []
    const host = await registry(asked)
    const parts = [{ platform: 'linux/arm/v7', image: `${host}/a/hello:1-arm-v7` }]
    await pushList(`${host}/a/hello:1`, parts, { username: 'maja', password: 'honey' })
    expect(asked[0]).toBe('/token?service=lab&scope=repository%3Aa%2Fhello%3Apull%2Cpush')
    expect(asked[1]).toBe('GET /v2/a/hello/manifests/1-arm-v7 ')
    const [, list = ''] = /^PUT \/v2\/a\/hello\/manifests\/1 (.*)/.exec(asked[2] ?? '') ?? []
    expect(JSON.parse(list)).toMatchObject({
      manifests: [
        {
          mediaType: 'type/one',
          size: 5,
          digest: 'sha256:d1',
          platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
        },
      ],
    })
  })

  it('that does not know the password is named', async () => {
    const host = await registry([])
    const parts = [{ platform: 'linux/amd64', image: `${host}/a/hello:1-amd64` }]
    await expect(pushList(`${host}/a/hello:1`, parts, {})).rejects.toMatchObject({
      code: 'push_failed',
      message: `The registry's login at http://${host}/token answers 401.`,
    })
  })
})
