import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allRegistryLogins, registryLogin } from '../../cli/docker-login.ts'
import { readEnv } from '../../cli/env.ts'
import { registryOf } from '../../gateway/core/registry.ts'

let home: string
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'skep-docker-config-'))))
afterEach(() => rmSync(home, { recursive: true }))

const env = () => readEnv({ PATH: `${home}:${process.env['PATH']}`, DOCKER_CONFIG: home })
const configure = (config: object) => writeFileSync(join(home, 'config.json'), JSON.stringify(config))
const auth = (login: string) => ({ auth: Buffer.from(login).toString('base64') })

/** A credential helper as Docker calls it; it knows the registry `helped.example.org`. */
function installHelper(): void {
  mkdirSync(home, { recursive: true })
  const script = `#!/bin/sh
read registry
[ "$1 $registry" = "get helped.example.org" ] || exit 1
echo '{"Username":"ann","Secret":"from the helper"}'
`
  writeFileSync(join(home, 'docker-credential-test'), script, { mode: 0o755 })
}

it.each([
  ['127.0.0.1:5000/hello', '127.0.0.1:5000'],
  ['localhost/hello', 'localhost'],
  ['ghcr.io/me/hello:1', 'ghcr.io'],
  ['me/hello', 'https://index.docker.io/v1/'],
  ['docker.io/me/hello', 'https://index.docker.io/v1/'],
  ['hello:latest', 'https://index.docker.io/v1/'],
])('knows the registry of %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry)
})

describe('the login for a push', () => {
  it('is the stored one of the image’s registry, with any sign in its password', async () => {
    configure({ auths: { 'ghcr.io': auth('ann:a:b c'), 'other.org': auth('bob:x') } })
    expect(await registryLogin(env(), 'ghcr.io/ann/hello')).toEqual({
      username: 'ann',
      password: 'a:b c',
      serveraddress: 'ghcr.io',
    })
  })

  it('is asked from the credential helper where there is one', async () => {
    installHelper()
    configure({ auths: { 'helped.example.org': {} }, credsStore: 'test' })
    const login = { username: 'ann', password: 'from the helper', serveraddress: 'helped.example.org' }
    expect(await registryLogin(env(), 'helped.example.org/hello')).toEqual(login)
    expect(await registryLogin(env(), 'unknown.example.org/hello')).toEqual({})
    expect(await allRegistryLogins(env())).toEqual({ 'helped.example.org': login })
  })

  it('is empty where nobody logged in, or a helper is missing', async () => {
    expect(await registryLogin(env(), '127.0.0.1:5000/hello')).toEqual({})
    configure({ credHelpers: { 'ghcr.io': 'not-installed' } })
    expect(await registryLogin(env(), 'ghcr.io/hello')).toEqual({})
  })
})
