import { z } from 'zod'
import { SkepError } from '../gateway/core/errors.ts'
import { problemsOf } from '../gateway/core/problems.ts'
import type { Context } from './context.ts'
import { openGateway } from './gateway.ts'
import { bodyOf } from './http-request.ts'
import { didYouMean } from './nearest.ts'
import type { GatewayOptions } from './options.ts'
import { readFileOrUrl } from './stack-file.ts'
import { shippedTemplates } from './template.ts'

/** One entry of a templates.json, as OpenFaaS writes them: yes and no are texts there, or booleans. */
const StoreEntry = z.object({
  template: z.string(),
  platform: z.string().default(''),
  language: z.string().default(''),
  /** Who keeps it; `source/template` is its full name. */
  source: z.string().default(''),
  description: z.string().default(''),
  /** The address that it is pulled from; empty for those that come with Skep. */
  repo: z.string().default(''),
  official: z.stringbool().or(z.boolean()).default(false),
  recommended: z.stringbool().or(z.boolean()).default(false),
})
export type StoreEntry = z.infer<typeof StoreEntry>

export interface StoreOptions extends GatewayOptions {
  readonly url?: string
}

/** What can be pulled by name: from the store that is named, else Skep's own templates and then the gateway's store. */
export async function readTemplateStore(context: Context, options: StoreOptions): Promise<StoreEntry[]> {
  const url = options.url ?? context.env.templateStore
  if (url !== undefined) return entriesOf(await readFileOrUrl(context.cwd, url, nameStore), url)
  const [shipped, served] = await Promise.all([shippedEntries(), storeOfGateway(context, options)])
  const own = new Set(shipped.map(({ template }) => template))
  return [...shipped, ...served.filter(({ template }) => !own.has(template))]
}

const nameStore = 'Name a templates.json, or its URL, with -u.'

/** By its name, with a `@ref` if need be, or by `source/name`. */
export function findInStore(entries: readonly StoreEntry[], name: string): StoreEntry {
  const [plain = name] = name.split('@')
  const found = entries.find(({ template, source }) => [template, `${source}/${template}`].includes(plain))
  if (found) return found
  throw new SkepError('not_found', `The store has no template "${name}".`, {
    hint:
      didYouMean(
        plain,
        entries.map(({ template }) => template),
      ) || 'See "skep template store list"; -u names another store.',
  })
}

async function shippedEntries(): Promise<StoreEntry[]> {
  return (await shippedTemplates()).map(({ name, language }) => ({
    ...{ template: name, language, platform: 'any', source: 'skep', repo: '' },
    ...{ description: `Skep’s own, for ${language}`, official: true, recommended: true },
  }))
}

/** A gateway that is not there, or of OpenFaaS, has none; Skep's own templates need no gateway. */
async function storeOfGateway(context: Context, options: GatewayOptions): Promise<StoreEntry[]> {
  const gateway = await openGateway(context, options)
  const answer = await gateway
    .call('/store/templates.json', { signal: AbortSignal.timeout(5000) })
    .catch(() => undefined)
  if (answer?.statusCode !== 200) return []
  return entriesOf(await bodyOf(answer), `${gateway.url}/store/templates.json`)
}

function entriesOf(text: string, from: string): StoreEntry[] {
  try {
    return z.array(StoreEntry).parse(JSON.parse(text))
  } catch (cause) {
    throw new SkepError('invalid_request', `${from} is not a store of templates.`, {
      cause,
      detail: cause instanceof z.ZodError ? problemsOf(cause).join('\n') : 'It is not JSON.',
      hint: nameStore,
    })
  }
}
