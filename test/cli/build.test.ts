import { createHash } from 'node:crypto'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'

let folder: CliFolder
beforeEach(() => (folder = cliFolder()))
afterEach(() => folder.remove())

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true })
    writeFileSync(join(folder.path, path), content)
  }
}

const stack = (functions: Readonly<Record<string, object>>) =>
  JSON.stringify({ provider: { name: 'openfaas' }, functions })

const engine = { DOCKER_HOST: dockerHost ?? '' }
const onEngine = (...args: string[]) => folder.skep(args, { env: engine })
const imageId = async (name: string) => (await docker().getImage(name).inspect()).Id

describe('skep build', needs('docker'), () => {
  let base: string
  beforeAll(async () => void (base = await baseImage('busybox')))

  it('makes the image of a template with its runtime, and the same image of the same files', async () => {
    const node = await baseImage('node')
    write({ 'hello/handler.js': 'module.exports = () => "hi"', 'hello/package.json': '{}' })
    write({ 'stack.yml': stack({ hello: { lang: 'node', handler: './hello', image: 'skep-test/cli-hello' } }) })
    const first = await onEngine('build', '--build-arg', `BASE_IMAGE=${node}`)
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^hello: skep-test\/cli-hello:latest, [\d.]+ MB, built/),
    })
    expect(first.stderr).toMatch(/^hello \| \[1\/6\] FROM /m)
    const id = await imageId('skep-test/cli-hello')
    utimesSync(join(folder.path, 'hello/handler.js'), 1, 1)
    const second = await onEngine('build', '-b', `BASE_IMAGE=${node}`, '--quiet')
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(await imageId('skep-test/cli-hello')).toBe(id)
  })

  it('sends what .dockerignore lets through, with the arguments of file, flags and engine', async () => {
    write({
      'app/Dockerfile': `FROM ${base}
ARG TARGETPLATFORM FROM_FILE FROM_FLAG BOTH
COPY . /context
RUN cd /context && find . -type f | sort && echo "$TARGETPLATFORM $FROM_FILE $FROM_FLAG $BOTH"`,
      'app/.dockerignore': 'node_modules\n*.log',
      'app/run.sh': '',
      'app/x.log': '',
      'app/node_modules/a/index.js': '',
      'stack.yml': stack({
        app: {
          lang: 'dockerfile',
          handler: './app',
          image: 'skep-test/cli-app',
          build_args: { FROM_FILE: '01', BOTH: 'x' },
        },
      }),
    })
    const { code, stderr } = await onEngine(
      'build',
      '--no-cache',
      '-b',
      'FROM_FLAG=yes',
      '-b',
      'BOTH=flag',
      '--build-label',
      'a=b',
    )
    expect(code).toBe(0)
    const { Os, Arch } = await docker().version()
    expect(stderr.match(/^app \| (\.\/.*|linux.*)$/gm)).toEqual([
      'app | ./Dockerfile',
      'app | ./run.sh',
      `app | ${Os}/${Arch} 01 yes flag`,
    ])
    expect((await docker().getImage('skep-test/cli-app').inspect()).Config.Labels).toMatchObject({ a: 'b' })
  })

  it('builds the others when one fails, and says which and why', async () => {
    const dockerfile = (line: string) => `FROM ${base}\nRUN ${line}`
    write({ 'good/Dockerfile': dockerfile('true'), 'bad/Dockerfile': dockerfile('echo the reason && exit 3') })
    const entry = (name: string) => ({ lang: 'dockerfile', handler: name, image: `skep-test/cli-${name}` })
    write({ 'stack.yml': stack({ bad: entry('bad'), good: entry('good') }) })
    const { code, stdout, stderr } = await onEngine('build', '--parallel', '2', '--quiet')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^good: /)
    expect(stderr).toMatch(
      /error: The image of bad was not built: .*exit code: 3\.\n {2}\[2\/2\] RUN .*\n {2}the reason$/m,
    )
    expect(stderr).toMatch(/error: 1 of 2 functions failed\.\nhint: Why is told above/)
  })

  it('finds the engine by the current context of the docker CLI', async () => {
    const id = createHash('sha256').update('lab').digest('hex')
    write({
      '.docker/config.json': JSON.stringify({ currentContext: 'lab' }),
      [`.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({ Endpoints: { docker: { Host: dockerHost } } }),
      'app/Dockerfile': `FROM ${base}`,
    })
    const { code } = await folder.skep([
      'build',
      '--name',
      'app',
      '--image',
      'skep-test/cli-context',
      '--handler',
      'app',
      '--lang',
      'dockerfile',
    ])
    expect(code).toBe(0)
  })
})

describe('skep build without an engine', () => {
  it('writes what would be built with --shrinkwrap', async () => {
    write({
      'hello/handler.js': '',
      'stack.yml': stack({ hello: { lang: 'node', handler: 'hello', image: 'x/hello' } }),
    })
    const { code } = await folder.skep(['build', '--shrinkwrap'], { env: { DOCKER_HOST: 'unix:///nowhere' } })
    expect(code).toBe(0)
    expect(await folder.skep(['build', '-f', 'stack.yml'], { env: { DOCKER_HOST: 'unix:///nowhere' } })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^error: No Docker engine answers \(.*\/nowhere\)\.\nhint: Start Docker, or set DOCKER_HOST/,
      ),
    })
  })

  it.each([
    [
      'a template that is not there',
      { lang: 'nod', handler: 'f', image: 'x/f' },
      'There is no template "nod".\nhint: Did you mean "node"?',
    ],
    ['no image', { lang: 'node', handler: 'f' }, 'functions.f.image: is missing'],
    ['no template', { handler: 'f', image: 'x/f' }, 'The function f has no "lang".'],
    ['no folder', { lang: 'node', handler: 'missing', image: 'x/f' }, 'There is no folder'],
  ])('refuses %s', async (_, entry, message) => {
    write({ 'f/handler.js': '', 'stack.yml': stack({ f: entry }) })
    const { code, stderr } = await folder.skep(['build', '--shrinkwrap'])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

it('leaves the variables of a stack file alone when it is told to, in faas-cli’s words too', async () => {
  write({ 'f/handler.js': '', 'stack.yml': `# \${oops\n${stack({ f: { lang: 'node', handler: 'f', image: 'x/f' } })}` })
  expect(await folder.skep(['build', '--shrinkwrap'])).toMatchObject({ code: 2 })
  expect(await folder.skep(['build', '--shrinkwrap', '--envsubst=false'])).toMatchObject({ code: 0 })
})

describe('skep push', needs('registry'), () => {
  let registry: Registry
  beforeAll(async () => void (registry = await startRegistry()))
  afterAll(() => registry.stop())

  it('brings the image that was built under the same tag to its registry', async () => {
    const image = `${registry.host}/cli-pushed`
    write({ 'app/Dockerfile': `FROM ${await baseImage('busybox')}` })
    write({ 'stack.yml': stack({ app: { lang: 'dockerfile', handler: 'app', image } }) })
    expect(await onEngine('build', '--tag', 'digest')).toMatchObject({ code: 0 })
    const pushed = await onEngine('push', '--tag', 'digest')
    expect(pushed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^app: pushed \S+\/cli-pushed:[0-9a-f]{32}\n$/),
    })
    const tag = /:([0-9a-f]{32})/.exec(pushed.stdout)?.[1]
    const { status } = await fetch(`${registry.url}/v2/cli-pushed/manifests/${tag}`)
    expect(status).toBe(200)
  })

  it('says what an unreachable registry or a missing image means', async () => {
    write({ 'stack.yml': stack({ app: { lang: 'node', handler: 'app', image: `${registry.host}/never-built` } }) })
    expect(await onEngine('push')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /error: The image \S+\/never-built:latest was not pushed: .*\nhint: Is the registry running/,
      ),
    })
  })

  it('refuses an image without a registry before anything is sent', async () => {
    write({ 'stack.yml': stack({ app: { lang: 'node', handler: 'app', image: 'app' } }) })
    expect(await onEngine('push')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('functions.app.image: needs a registry'),
    })
  })
})
