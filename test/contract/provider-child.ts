// A gateway in its own process, to be killed: opens a provider, runs a revision, says so, and waits for its end.
// Arguments: the provider's name, its options and the revision, both as JSON.
import { providers, type ProviderName } from '../../gateway/providers/index.ts'
import type { Revision } from '../../gateway/core/ports.ts'

const [name, options, revisionJson] = process.argv.slice(2) as [ProviderName, string, string]
const revision = JSON.parse(revisionJson) as Revision
const provider = await providers[name](JSON.parse(options))
provider.watch(() => {})
await provider.prepare(revision, () => {})
await provider.scale(revision, 1)
console.log('running')
setInterval(() => {}, 60_000)
