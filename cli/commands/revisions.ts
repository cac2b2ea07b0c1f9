import { openGateway } from '../gateway.ts'
import { examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import { listRevisions } from '../revisions.ts'
import type { Define } from './verb.ts'

type RevisionsOptions = FunctionVerbOptions & { readonly json?: boolean }

export const define: Define = (command, context) => {
  functionVerb(command)
    .argument('<name>', 'the function')
    .option('-j, --json', 'print what the gateway answers')
    .addHelpText('after', examples('skep revisions hello'))
    .action(async (name: string, options: RevisionsOptions) => {
      const gateway = await openGateway(context, options)
      const revisions = await listRevisions(gateway, { name, namespace: options.namespace })
      if (options.json) return context.out.json(revisions)
      context.out.table(
        ['REVISION', 'TRAFFIC', 'REPLICAS', 'IMAGE', 'DIGEST', 'CREATED', 'BY', 'MESSAGE'],
        revisions.map(({ number, weight, availableReplicas, image, digest, createdAt, by = '', message = '' }) => {
          const facts = [shortDigest(digest), createdAt.slice(0, 19).replace('T', ' '), by, message]
          return [String(number), `${weight}%`, String(availableReplicas), image, ...facts]
        }),
      )
      for (const { canary } of revisions) if (canary) context.out.print(`\n${canary}`)
    })
}

/** As Docker shows ids: enough to tell one from another. */
const shortDigest = (digest = ''): string => digest.slice(digest.lastIndexOf(':') + 1).slice(0, 12)
