import { statSync } from 'node:fs'
import { join } from 'node:path'
import { SkepError } from '../../gateway/core/errors.ts'
import { storeLogin } from '../config-file.ts'
import type { Context } from '../context.ts'
import { type DockerCli, dockerCli } from '../docker-cli.ts'
import { firstAnswer } from '../install/first-answer.ts'
import { type Finding, findingsOf } from '../install/findings.ts'
import { gatewayImage } from '../install/gateway-image.ts'
import { type Ground, readGround } from '../install/ground.ts'
import { shareImage } from '../install/share-image.ts'
import { writeStackFolder } from '../install/stack-folder.ts'
import { examples, milliseconds } from '../options.ts'
import { confirm } from '../prompt.ts'
import type { Define } from './verb.ts'

interface InstallOptions {
  readonly stack: string
  readonly image?: string
  readonly advertiseAddr?: string
  readonly prometheus?: boolean
  readonly timeout: number
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

export const define: Define = (command, context) => {
  command
    .option('--stack <name>', 'the name of the stack', 'skep')
    .option('--image <image>', 'the gateway’s image (default: built here from what came with this CLI)')
    .option('--advertise-addr <address>', 'how other machines reach this one, where a Swarm has to be made first')
    .option('--prometheus', 'with a Prometheus that watches the gateway')
    .option('--timeout <duration>', 'how long to wait for the gateway', milliseconds, 300_000)
    .option('--dry-run', 'look at everything and change nothing')
    .option('-y, --yes', 'make a Swarm without asking')
    .option('-j, --json', 'print the result as JSON')
    .addHelpText('after', examples('skep install --dry-run', 'skep install', 'skep install --yes --json'))
    .action((options: InstallOptions) => install(context, options))
}

async function install(context: Context, options: InstallOptions): Promise<void> {
  const { env, out } = context
  const variables = { ...env.variables, ...engineVariables(context) }
  const docker = dockerCli(variables)
  const found = await readGround(docker)
  const findings = findingsOf(found)
  tell(context, findings)
  if (options.dryRun) return options.json ? out.json({ findings }) : out.print('Nothing was changed.')
  const ground = found.isManager ? found : await makeSwarm(context, docker, options)

  out.note('Bringing the gateway’s image …')
  const image = await gatewayImage(docker, options.image ?? env.variables['SKEP_IMAGE'])
  const { composeFile, prometheusFile, password } = await writeStackFolder(join(env.dataFolder, options.stack))
  out.note('Deploying the stack …')
  const deploy = dockerCli({ ...variables, SKEP_IMAGE: image })
  const resolve = image.startsWith('sha256:') ? 'never' : 'always'
  const files = [composeFile, ...(options.prometheus ? [prometheusFile] : [])].flatMap((file) => ['-c', file])
  await deploy('stack', 'deploy', '--resolve-image', resolve, ...files, options.stack)

  out.note('Waiting for the gateway …')
  const token = Buffer.from(`admin:${password}`).toString('base64')
  const wait = { stack: options.stack, authorization: `Basic ${token}`, timeoutMs: options.timeout }
  let gateway = await firstAnswer(docker, ground, wait)
  if (image.startsWith('sha256:') && ground.nodes.filter(({ role }) => role === 'manager').length > 1) {
    out.note('Giving the other managers the gateway’s image …')
    await shareImage(docker, image, { service: `${options.stack}_gateway`, token })
    gateway = await firstAnswer(docker, ground, wait)
  }
  await storeLogin(env.configFolder, { gateway, auth: 'basic', token, options: [] })
  if (options.json) return out.json({ gateway, user: 'admin', findings })
  out.print(`Skep answers at ${gateway}; you are logged in.`)
  out.note(`\nNext: export OPENFAAS_URL=${gateway}\n      skep new hello --lang node && skep up -f hello.yml`)
}

function tell({ out }: Context, findings: readonly Finding[]): void {
  for (const { check, found, verdict, fix } of findings) {
    const line = `${check}: ${found}${fix === undefined ? '' : `. ${fix}`}`
    if (verdict === 'good') out.note(line)
    else out.warn(line)
  }
  const stop = findings.find(({ verdict }) => verdict === 'stop')
  if (stop) throw new SkepError('provider_unavailable', `${stop.check}: ${stop.found}.`, { hint: stop.fix })
}

async function makeSwarm(context: Context, docker: DockerCli, options: InstallOptions): Promise<Ground> {
  if (!options.yes && !(await confirm(context.input, 'Make this engine the manager of a new Swarm?'))) {
    throw new SkepError('invalid_request', 'There is no Swarm, and none was made.', {
      hint: 'Give --yes, or run `docker swarm init` yourself.',
    })
  }
  const address = options.advertiseAddr === undefined ? [] : ['--advertise-addr', options.advertiseAddr]
  await docker('swarm', 'init', ...address)
  return readGround(docker)
}

/** What the compose file asks for: the engine's socket, and the group that may use it. */
function engineVariables({ env }: Context): Record<string, string> {
  const host = env.dockerHost ?? 'unix:///var/run/docker.sock'
  const socket = host.startsWith('unix://') ? host.slice('unix://'.length) : undefined
  if (socket === undefined) {
    throw new SkepError('invalid_request', `${host} is another machine.`, {
      hint: 'Run "skep install" on a manager: it needs to know who may use its Docker socket.',
    })
  }
  const gid = statSync(socket, { throwIfNoEntry: false })?.gid
  return { DOCKER_SOCKET: env.variables['DOCKER_SOCKET'] ?? socket, DOCKER_GID: String(gid ?? 0) }
}
