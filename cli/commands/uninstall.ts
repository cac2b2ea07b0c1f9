import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SkepError } from '../../gateway/core/errors.ts'
import { forgetLogin } from '../config-file.ts'
import type { Context } from '../context.ts'
import { dockerCli } from '../docker-cli.ts'
import { clear, removeVolumes } from '../install/clearing.ts'
import { farVolumes, volumesCommand } from '../install/far-volumes.ts'
import { readGround } from '../install/ground.ts'
import { examples } from '../options.ts'
import { confirm } from '../prompt.ts'
import type { Define } from './verb.ts'

interface UninstallOptions {
  readonly stack: string
  readonly keepData?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

export const define: Define = (command, context) => {
  command
    .option('--stack <name>', 'the name of the stack', 'skep')
    .option('--keep-data', 'leave the volumes and the password for another "skep install"')
    .option('-y, --yes', 'do not ask')
    .option('-j, --json', 'print the result as JSON')
    .addHelpText('after', examples('skep uninstall', 'skep uninstall --yes --keep-data'))
    .action((options: UninstallOptions) => uninstall(context, options))
}

async function uninstall(context: Context, { stack, keepData = false, yes, json }: UninstallOptions): Promise<void> {
  const { env, out } = context
  const docker = dockerCli(env.variables)
  const { isManager, nodes } = await readGround(docker)
  if (!isManager) {
    throw new SkepError('invalid_request', 'This engine manages no Swarm.', {
      hint: 'Run "skep uninstall" on a manager; after `docker compose up` it is `docker compose down --volumes`.',
    })
  }
  const what = keepData ? '' : ' and the data'
  if (!yes && !(await confirm(context.input, `Remove the stack ${stack} with all its functions${what}?`))) {
    throw new SkepError('invalid_request', 'Nothing was removed.', { hint: 'Give --yes where nobody can be asked.' })
  }
  const clearFarVolumes = await farVolumes(docker, stack)
  out.note('Removing services, and waiting for their containers …')
  await clear(docker, stack)
  const left = keepData ? [] : await clearFarVolumes()
  if (!keepData) {
    await removeVolumes(docker, stack)
    await rm(join(env.dataFolder, stack), { recursive: true, force: true })
  }
  for (const { address } of nodes) await forgetLogin(env.configFolder, `http://${address}:8080`)
  for (const name of left) out.warn(`${name} may still have volumes. There: ${volumesCommand(stack)}`)
  if (json) out.json({ removed: stack, data: keepData ? 'kept' : 'removed', volumesMayBeOn: left })
  else out.print(`The stack ${stack} is gone${keepData ? '; its data are kept' : ''}.`)
}
