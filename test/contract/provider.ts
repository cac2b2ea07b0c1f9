import { describe } from 'vitest'
import type { ProviderName } from '../../gateway/providers/index.ts'
import type { Cannot } from './cannot.ts'
import { describeEnds } from './provider-ends.ts'
import { describeExec } from './provider-exec.ts'
import { describeLife } from './provider-life.ts'
import { describeLimits } from './provider-limits.ts'
import { describeLogs } from './provider-logs.ts'
import { describeRestart } from './provider-restart.ts'
import { describeSecrets } from './provider-secrets.ts'
import { useSite, type Ground } from './provider-site.ts'
import { describeUsage } from './provider-usage.ts'

/** What every provider must do. A new provider is done when this passes. */
export function describeProvider<Name extends ProviderName>(
  name: Name,
  prepare: () => Promise<Ground<Name>>,
  cannot: Cannot = {},
): void {
  describe(`provider: ${name}`, () => {
    const site = useSite(name, prepare)
    describeLife(site, cannot)
    describeEnds(site, cannot)
    describeRestart(name, site, cannot)
    describeLogs(site)
    describeExec(site, cannot)
    describeLimits(site, cannot)
    describeSecrets(site)
    describeUsage(site, cannot)
  })
}
