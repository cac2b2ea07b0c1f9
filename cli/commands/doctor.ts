import type { Finding } from '../doctor/check.ts'
import { engineFindings } from '../doctor/engine.ts'
import { gatewayFindings } from '../doctor/gateway.ts'
import { machineFindings } from '../doctor/machine.ts'
import { ExitCode } from '../exit-code.ts'
import { openGateway } from '../gateway.ts'
import { examples, gatewayVerb, type GatewayOptions } from '../options.ts'
import type { Output, Style } from '../output.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  gatewayVerb(command)
    .option('-j, --json', 'print JSON')
    .addHelpText('after', examples('skep doctor', 'skep doctor -g https://faas.example.org --json'))
    .addHelpText('after', '\nExit code: 0 all is well, or there are warnings only; 1 something fails.')
    .action(async (options: GatewayOptions & { readonly json?: boolean }) => {
      const { findings, place } = await gatewayFindings(await openGateway(context, options))
      const all = [
        ...machineFindings(context.env.dataFolder),
        ...(await engineFindings(context.env, place)),
        ...findings,
      ]
      if (options.json) context.out.json(all)
      else all.forEach((finding) => show(context.out, finding))
      if (all.some(({ state }) => state === 'fail')) throw new ExitCode(1)
    })
}

const styles: Readonly<Record<Finding['state'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red' }

function show(out: Output, { what, state, message, fix }: Finding): void {
  out.print(`${out.paint(styles[state], state.padEnd(4))}  ${what.padEnd(13)}  ${message}`)
  if (fix !== undefined) out.print(`${' '.repeat(21)}${out.paint('dim', `→ ${fix}`)}`)
}
