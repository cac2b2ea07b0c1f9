import { answerOf } from '../../runtimes/node-openwhisk/answer.mjs'
import { paramsOf } from '../../runtimes/node-openwhisk/params.mjs'
import { Event } from '../../runtimes/node/event.mjs'
import { jsonOf } from './json.ts'
import type { Protocol } from './protocol.ts'

const dayMs = 24 * 3_600_000

/** Action images: `/init` once, then `/run` for each activation (OpenWhisk’s docs/actions-new.md). */
export const openwhisk: Protocol = {
  target: '/run',

  eventOf(request, raw, call) {
    return {
      value: paramsOf(new Event(request, raw)),
      namespace: '_',
      action_name: `/_/${call.function}`,
      activation_id: call.id.replaceAll('-', ''),
      transaction_id: call.id,
      deadline: String(Date.now() + (call.timeoutMs || dayMs)),
    }
  },

  valueOf(answer) {
    const result = jsonOf(answer)
    if (answer.status !== 200) throw new Error(errorIn(result))
    return answerOf(result)
  },

  // The official images refuse every call after one that threw: such a replica is replaced.
  isSpent: ({ status }) => status !== 200,

  init: {
    target: '/init',
    // The action is in the image; `code` is for images that are given theirs.
    body: { value: { name: 'action', main: 'main', code: '', binary: false } },
    problemIn({ status, text }) {
      // So says one that an earlier gateway has told already.
      if (status === 200 || text.includes('more than once')) return undefined
      return `its /init answers ${status}: ${text.trim().slice(0, 300)}`
    },
  },
}

function errorIn(result: unknown): string {
  const error = typeof result === 'object' && result !== null && 'error' in result ? result.error : result
  return typeof error === 'string' ? error : JSON.stringify(error)
}
