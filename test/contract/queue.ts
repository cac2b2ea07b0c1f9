import { describe } from 'vitest'
import { describeChanges } from './queue-changes.ts'
import { describeGateways } from './queue-gateways.ts'
import { describePushes } from './queue-pushes.ts'
import { type QueueSite, useQueue } from './queue-site.ts'
import { describeSurvival } from './queue-survival.ts'
import { describeTakes } from './queue-takes.ts'
import { describeVerdicts } from './queue-verdicts.ts'
import { describeViews } from './queue-views.ts'

/** What every queue must do. A new queue is done when this passes. */
export function describeQueue(name: string, site: QueueSite): void {
  describe(`queue: ${name}`, () => {
    const at = useQueue(site)
    describePushes(at)
    describeTakes(at)
    describeVerdicts(at)
    describeChanges(at)
    describeViews(at)
    describeSurvival(at, site)
    describeGateways(at, site)
  })
}
