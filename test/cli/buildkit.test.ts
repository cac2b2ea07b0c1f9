import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry, startTokenDoor } from '../helpers/registry.ts'

let folder: CliFolder
beforeEach(() => (folder = cliFolder()))
afterEach(() => folder.remove())

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder.path, path)), { recursive: true })
  writeFileSync(join(folder.path, path), content)
}

const image = 'skep-test/cli-buildkit'

/** Builds a Dockerfile, with more in its entry of the stack file. */
async function build(dockerfile: string, { entry = {}, flags = [], env = {} }: Build = {}): Promise<CliResult> {
  const app = { lang: 'dockerfile', handler: 'app', image, ...entry }
  write('app/Dockerfile', dockerfile)
  write('stack.yml', JSON.stringify({ provider: { name: 'openfaas' }, functions: { app } }))
  return folder.skep(['build', ...flags], { env: { DOCKER_HOST: dockerHost ?? '', ...env } })
}

interface Build {
  readonly entry?: object
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What the steps printed, and nothing else that went on. */
const printed = ({ stderr }: CliResult): string[] =>
  [...stderr.matchAll(/^app \| (?:said: )(.*)$/gm)].map(([, said]) => said ?? '')

describe('skep build with BuildKit', { ...needs('docker'), timeout: 120_000 }, () => {
  it('keeps what lies below a cache mount for the next build, and heeds COPY --chmod', async () => {
    const dockerfile = `FROM ${await baseImage('busybox')}
ARG RUN_ID
RUN --mount=type=cache,id=${crypto.randomUUID()},target=/cache echo "said: $RUN_ID" >> /cache/runs && cat /cache/runs
COPY --chmod=741 Dockerfile /copied
RUN echo "said: $(stat -c %a /copied)"`
    expect(printed(await build(dockerfile, { flags: ['-b', 'RUN_ID=one'] }))).toEqual(['one', '741'])
    expect(printed(await build(dockerfile, { flags: ['-b', 'RUN_ID=two'] }))).toEqual(['one', 'two', '741'])
  })

  it('shows a line as one that is printed in parts, how long a step took, and what it did not have to do again', async () => {
    const dockerfile = `FROM ${await baseImage('busybox')}\nRUN printf "said: a"; sleep 1.1; echo b; printf "said: c"`
    const built = await build(dockerfile, { flags: ['--no-cache'] })
    expect(printed(built)).toEqual(['ab', 'c'])
    expect(built.stderr).toMatch(/^app \| \[\S* ?2\/2\] took \d+\.\d s$/m)
    expect((await build(dockerfile)).stderr).toMatch(/^app \| \[\S* ?2\/2\] RUN printf .* \(from the cache\)$/m)
  })

  it('gives a build its secrets, and leaves them out of the image', async () => {
    write('token.txt', 'honey')
    const dockerfile = `FROM ${await baseImage('busybox')}
RUN --mount=type=secret,id=token echo "said: $(cat /run/secrets/token)"
RUN echo "said: $(ls /run/secrets | wc -l)"`
    const entry = { build_secrets: { token: 'token.txt' } }
    expect(printed(await build(dockerfile, { entry, flags: ['--no-cache'] }))).toEqual(['honey', '0'])
    expect(await build(dockerfile, { entry: { build_secrets: { token: 'missing' } } })).toMatchObject({
      stderr: expect.stringMatching(/^error: There is no file missing, which build_secrets names\.\nhint: /),
    })
  })

  it('lets a template that mounts one speak to the SSH agent', async () => {
    write('template/ssh/template.yml', 'mount_ssh: true')
    const speak = `const agent = require("net").connect(process.env.SSH_AUTH_SOCK);
agent.on("data", (said) => { console.log("said: " + said); agent.end() }).write("my key?")`
    write(
      'template/ssh/Dockerfile',
      `FROM ${await baseImage('node')}\nCOPY speak.js /\nRUN --mount=type=ssh node /speak.js`,
    )
    write('template/ssh/speak.js', speak)
    const agent = createServer((socket) => socket.on('data', (asked) => socket.write(`heard ${String(asked)}`)))
    const socket = join(folder.path, 'agent')
    await new Promise<void>((resolve) => agent.listen(socket, resolve))
    try {
      const built = await build('', { entry: { lang: 'ssh' }, flags: ['--no-cache'], env: { SSH_AUTH_SOCK: socket } })
      expect(printed(built)).toEqual(['heard my key?'])
    } finally {
      agent.close()
    }
    expect(await build('', { entry: { lang: 'ssh' } })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/The build of app needs an SSH agent, and none runs here\.\nhint: Start one/),
    })
  })

  it('leaves what only BuildKit has to it where the classic builder is asked for', async () => {
    const base = await baseImage('busybox')
    const env = { DOCKER_BUILDKIT: '0' }
    expect((await build(`FROM ${base}\nRUN true`, { env })).stderr).toMatch(/^app \| Step 1\/2 : FROM/m)
    expect((await build(`FROM ${base}\nRUN --mount=type=cache,target=/x true`, { env })).stderr).toMatch(
      /error: The image of app was not built: .*requires BuildKit[^]*^hint: The classic builder was asked to build/m,
    )
    const entry = { build_secrets: { token: 'token.txt' } }
    expect((await build(`FROM ${base}`, { entry, flags: ['--squash'] })).stderr).toMatch(
      /error: The build of app needs build_secrets, which the classic builder lacks\.\nhint: /,
    )
  })
})

describe('a base image', needs('registry'), () => {
  const flags = ['--no-cache', '--pull']

  it('that only its owner may pull is pulled with the login of docker login', async () => {
    const registry = await startRegistry(undefined, 0, { username: 'maja', password: 'honey' })
    try {
      const base = await registry.push(docker(), await baseImage('busybox'))
      const dockerfile = `FROM ${base}\nRUN echo "said: mine"`
      expect(await build(dockerfile, { flags })).toMatchObject({ code: 1 })
      const auth = Buffer.from('maja:honey').toString('base64')
      write('.docker/config.json', JSON.stringify({ auths: { [registry.host]: { auth } } }))
      expect(printed(await build(dockerfile, { flags }))).toEqual(['mine'])
    } finally {
      await registry.stop()
    }
  })

  it('comes without a login from a registry that hands out tokens to all', async () => {
    const registry = await startRegistry()
    const door = await startTokenDoor(registry)
    try {
      const base = (await registry.push(docker(), await baseImage('busybox'))).replace(registry.host, door.host)
      expect(printed(await build(`FROM ${base}\nRUN echo "said: ours"`, { flags }))).toEqual(['ours'])
    } finally {
      door.stop()
      await registry.stop()
    }
  })
})
