import { createHmac } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { useOwnGateway } from '../helpers/own-gateway.ts'
import { until } from '../helpers/until.ts'

const own = useOwnGateway()
const { folder, skep, typed } = own

const echo = `module.exports = async (event, context) => {
  console.log('called with', event.method)
  if (event.query.status) return context.status(Number(event.query.status)).succeed('as you wish\\n')
  return { method: event.method, type: event.headers['content-type'], x: event.headers.x, query: event.query, body: String(event.body) }
}`

/** Writes a function \`echo\` and deploys it. */
async function deployEcho(fields: object = {}): Promise<CliResult> {
  const entry = { lang: 'node', handler: './echo', image: 'x/echo:latest', ...fields }
  const text = JSON.stringify({ provider: { name: 'openfaas' }, functions: { echo: entry } })
  folder.write({ 'echo/handler.js': echo, 'all.yml': text })
  return skep('up', '-f', 'all.yml')
}

describe('deploying to a gateway that runs folders', () => {
  afterEach(() => skep('remove', 'echo'))

  it('needs no image, tells how far it is and where the function is called', async () => {
    expect(await deployEcho()).toEqual({
      code: 0,
      stdout: `echo: deployed as revision 1\nURL: ${own.gateway.url}/function/echo\n`,
      stderr: expect.stringMatching(/^echo \| deploying\n(echo \| .*\n)*$/),
    })
    const again = await skep('deploy', '-f', 'all.yml')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('unchanged: revision 1 goes on') })
    expect(await skep('deploy', '-f', 'all.yml', '--force')).toMatchObject({
      stdout: expect.stringContaining('as revision 2\n'),
    })
    expect(await skep('deploy', '-f', 'all.yml', '--force', '--canary', '10', '--min-requests', '7')).toMatchObject({
      stdout: expect.stringContaining('as revision 3, with 10 % of the traffic for now; "skep revisions echo" says'),
    })
    const canary = 'Revision 3 gets 10 % of the traffic, step 1 of 1. It waits for calls: it had 0 of the 7 that'
    await until(async () => (await skep('describe', 'echo')).stdout.includes(canary))
  })

  it('works with flags alone', async () => {
    await deployEcho()
    const args = [
      '--name',
      'echo',
      '--handler',
      'echo',
      '--lang',
      'node',
      '-e',
      'A=01',
      '-l',
      'b=yes',
      '--memory-limit',
      '64Mi',
    ]
    expect(await skep('deploy', ...args)).toMatchObject({ code: 0 })
    const { stdout } = await skep('describe', 'echo', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ envVars: { A: '01' }, labels: { b: 'yes' }, limits: { memory: '64Mi' } })
  })

  it('shows the last lines of a function that does not start, and exits with 1', async () => {
    await deployEcho()
    folder.write({ 'echo/handler.js': 'throw new Error("no such table")' })
    expect(await skep('deploy', '-f', 'all.yml')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: .*\n(.*\n)* {2}.*no such table/m),
    })
    expect(await skep('invoke', 'echo')).toMatchObject({ code: 0 })
  })

  it('refuses what the file or a flag has wrong before anything is changed', async () => {
    expect(await deployEcho({ limits: { memory: 'lots' } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('all.yml:1: functions.echo.limits.memory: use a size'),
    })
    expect(await skep('list', '-q')).toMatchObject({ stdout: '' })
  })

  it('can replace a function, or refuse to touch one that is there', async () => {
    await deployEcho()
    expect(await skep('deploy', '-f', 'all.yml', '--replace')).toMatchObject({ code: 0 })
    expect(await skep('deploy', '-f', 'all.yml', '--update=true')).toMatchObject({ code: 0 })
    expect(await skep('deploy', '-f', 'all.yml', '--update=false', '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: echo is there already, so --no-update changes nothing\.\nhint: /m),
    })
    expect((await skep('revisions', 'echo')).stdout).toMatch(/^REVISION.*\n\d+ +100% .*\n$/)
    await skep('remove', 'echo')
    expect(await skep('deploy', '-f', 'all.yml', '--no-update')).toMatchObject({ code: 0 })
  })
})

describe('a deployed function', () => {
  beforeAll(() => deployEcho({ annotations: { topic: 'x' }, service: true }))

  it('is called with stdin, query, headers and type, and answers on stdout', async () => {
    const args = ['--query', 'a=1', '--query', 'b=two words', '-H', 'X=one', '--content-type', 'application/x-thing']
    const { code, stdout } = await typed('from stdin', 'invoke', 'echo', ...args)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      method: 'POST',
      type: 'application/x-thing',
      x: 'one',
      query: { a: '1', b: 'two words' },
      body: 'from stdin',
    })
    expect(JSON.parse((await skep('invoke', 'echo', '-m', 'get')).stdout)).toMatchObject({ method: 'GET' })
  })

  it('gets a signature of the body when it is called with a key', async () => {
    const { stdout } = await typed('signed', 'invoke', 'echo', '--sign', 'X', '--key', 'k')
    const signature = createHmac('sha256', 'k').update('signed').digest('hex')
    expect(JSON.parse(stdout)).toMatchObject({ x: `sha256=${signature}`, body: 'signed' })
    expect(await skep('invoke', 'echo', '--sign', 'X')).toMatchObject({ code: 2 })
  })

  it('is waited for', async () => {
    expect(await skep('ready', 'echo')).toMatchObject({ code: 0, stdout: 'echo: ready\n' })
    expect(await skep('ready', 'nobody', '--attempts', '2', '--interval', '10ms')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^nobody: not ready yet: There is no .*\nerror: nobody is not ready: There is no/),
    })
    expect(await skep('ready', 'echo', '-k', 'wrong')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: The gateway at \S+ does not accept these credentials/),
    })
  })

  it('makes the exit code 1 when it answers with an error, and its words go to stderr', async () => {
    expect(await skep('invoke', 'echo', '--query', 'status=418')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: echo answered 418 I\'m a Teapot.\n  as you wish\nhint: That is its own answer; "skep logs echo" has what it wrote.\n',
    })
  })

  it('is told apart from a gateway that refuses, whose words are shown as ever', async () => {
    const nobody = {
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: There is no function "nobody"\.\nhint: /),
    }
    expect(await skep('invoke', 'nobody')).toMatchObject(nobody)
    expect(await skep('invoke', 'nobody', '--async')).toMatchObject(nobody)
  })

  it('is listed, for people and for scripts', async () => {
    const { stdout } = await skep('list')
    expect(stdout).toMatch(/^NAME {2}INVOCATIONS {2}REPLICAS\necho {2}4 {12}1\n$/)
    expect(await skep('ls', '-q')).toMatchObject({ stdout: 'echo\n' })
    expect(JSON.parse((await skep('list', '--json')).stdout)).toMatchObject([{ name: 'echo', invocationCount: 4 }])
    expect((await skep('list', '-v')).stdout).toMatch(/IMAGE +CREATED\necho .* dir:/)
  })

  it('is described', async () => {
    const { stdout } = await skep('describe', 'echo')
    expect(stdout).toMatch(/^Name: +echo$/m)
    expect(stdout).toMatch(/^Status: +Ready$/m)
    expect(stdout).toMatch(new RegExp(`^URL: +${own.gateway.url}/function/echo$`, 'm'))
    expect(stdout).toMatch(/^Annotations: +topic=x$/m)
    expect(JSON.parse((await skep('describe', 'echo', '--json')).stdout)).toMatchObject({ supervised: true })
    expect(await skep('describe', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: There is no function/),
    })
  })

  it('has logs', async () => {
    expect((await skep('logs', 'echo')).stdout).toMatch(/^\S+Z? echo \(\S+\) called with POST$/m)
    expect((await skep('logs', 'echo', '--lines', '-1')).stdout).toBe((await skep('logs', 'echo')).stdout)
    const { stdout } = await skep('logs', 'echo', '--lines', '1', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ name: 'echo', text: 'called with POST' })
    expect((await skep('logs', 'echo', '--since-time', '2999-01-01T00:00:00Z')).stdout).toBe('')
  })

  // An answer that nobody read kept the connection, and the CLI, for 75 s: longer than a test may take.
  it('is called later, without waiting for it', async () => {
    expect(await skep('invoke', 'echo', '--async')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Function submitted asynchronously\. Call id: [-\w]{36}\n$/),
    })
  })

  it('is scaled and removed', async () => {
    expect((await skep('scale', 'echo', '99')).stdout).toMatch(/^echo: scaled to \d, for its scale.max allows no 99\n$/)
    expect(await skep('scale', 'echo', '2')).toMatchObject({ code: 0, stdout: 'echo: scaled to 2\n' })
    expect(JSON.parse((await skep('describe', 'echo', '-j')).stdout)).toMatchObject({ replicas: 2 })
    expect(await skep('remove', 'echo')).toMatchObject({ code: 0, stdout: 'echo: removed\n' })
    expect(await skep('rm', 'echo')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Not there, so not removed: echo.'),
    })
  })
})

it('what is no gateway is told by what it answers', async () => {
  const { stderr } = await folder.skep(['list', '-g', own.gateway.metricsUrl])
  expect(stderr).toMatch(/^error: http:\S+ answers 404: .*\nhint: If that is no gateway, name another/)
})

describe('a login', () => {
  let folder: CliFolder
  beforeEach(() => void (folder = cliFolder()))
  afterEach(() => folder.remove())

  const config = () => join(folder.path, '.openfaas/config.yml')
  const stranger = (args: readonly string[], text = '') =>
    folder.skep(args, { env: { OPENFAAS_URL: own.gateway.url }, input: text })
  const password = () => readFileSync(join(own.gateway.dataDir, 'password'), 'utf8')

  it('is needed by everybody else, and is kept where faas-cli keeps it', async () => {
    expect(await stranger(['list'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('hint: Log in with "skep login'),
    })
    expect(await stranger(['login', '--password-stdin'], password())).toMatchObject({
      code: 0,
      stdout: `credentials saved for admin ${own.gateway.url}\n`,
    })
    expect(statSync(config()).mode & 0o777).toBe(0o600)
    const token = Buffer.from(`admin:${password().trim()}`).toString('base64')
    expect(readFileSync(config(), 'utf8')).toBe(
      `auths:\n  - gateway: ${own.gateway.url}\n    auth: basic\n    token: ${token}\n    options: []\n`,
    )
    expect(await stranger(['list'])).toMatchObject({ code: 0 })
  })

  it('leaves the logins of other gateways and what else is in the file alone', async () => {
    const other = 'auths:\n- gateway: https://other\n  auth: oauth2\n  token: abc\nextra: 1\n'
    folder.write({ '.openfaas/config.yml': other })
    await stranger(['login', '-s'], password())
    expect(await stranger(['logout'])).toMatchObject({
      code: 0,
      stdout: `credentials removed for ${own.gateway.url}\n`,
    })
    expect(readFileSync(config(), 'utf8')).toBe(
      'auths:\n  - gateway: https://other\n    auth: oauth2\n    token: abc\nextra: 1\n',
    )
    expect(await stranger(['logout'])).toMatchObject({ code: 1 })
  })

  it('with a wrong password is refused and not kept', async () => {
    expect(await stranger(['login', '-p', 'wrong'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: .*credentials/),
    })
    expect(await stranger(['logout'])).toMatchObject({ code: 1 })
  })
})

it('says its own version and the gateway’s', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect((await skep('version')).stdout).toMatch(
    new RegExp(`^CLI: ${version}\nGateway: ${version}, process on \\S+, at `),
  )
  expect(await skep('version', '--short-version')).toMatchObject({ stdout: `${version}\n` })
  expect(JSON.parse((await skep('version', '--json')).stdout)).toMatchObject({
    cli: version,
    gateway: { url: own.gateway.url },
  })
})
