import { SkepError } from '../../../core/errors.ts'
import type { Engine } from '../../engine/client.ts'
import type { SwarmNode } from '../nodes.ts'

const askEveryMs = 2000
const longestMs = 15_000

/** A signal for when the far engine has answered nothing for a while: a lost node says no word of it. `over` ends the watch. */
export function silence(engine: Engine, node: SwarmNode, over: AbortSignal): AbortSignal {
  const silent = new AbortController()
  const tell = (): void => silent.abort(lost(node))
  const patience = setTimeout(tell, longestMs)
  // These also tell the relay that the gateway is there.
  const asking = setInterval(() => {
    engine
      .ask((docker) => docker.ping())
      .then(
        () => void (over.aborted || patience.refresh()),
        () => {}, // for as long as the patience lasts
      )
  }, askEveryMs)
  over.addEventListener('abort', () => {
    clearTimeout(patience)
    clearInterval(asking)
  })
  return silent.signal
}

const lost = ({ name }: SwarmNode): SkepError =>
  new SkepError('provider_unavailable', `${name} has stopped answering while it was building.`, {
    hint: 'See `skep nodes`, and build again.',
  })
