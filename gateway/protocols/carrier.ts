import { SkepError } from '../core/errors.ts'
import type { Carrier } from '../core/carrier.ts'
import type { Invocation } from '../core/invocation.ts'
import { postJson } from './json-post.ts'
import { protocols } from './index.ts'
import { Translation } from './translation.ts'

/** Carries plain HTTP as it is, and translates for functions whose image speaks something else. */
export function translatingCarrier(carrier: Carrier): Carrier {
  /** What has been read of a caller is gone from its stream, and a second try needs it. */
  const bodies = new WeakMap<Invocation, Buffer>()
  return {
    ...carrier,
    send(address, invocation, limits, ended) {
      const protocol = limits.protocol && protocols[limits.protocol]
      const isSpoken = protocol?.isOpen && invocation.target === protocol.target
      if (!protocol || isSpoken) return carrier.send(address, invocation, limits, ended)
      void new Translation({ protocol, carrier, address, invocation, limits, ended, bodies }).run()
    },
    async probe(address, options) {
      await carrier.probe(address, options)
      const init = options.protocol && protocols[options.protocol].init
      if (!init) return
      const request = { target: init.target, body: init.body, timeoutMs: options.timeoutMs }
      const problem = init.problemIn(await postJson(carrier, address, request))
      if (problem !== undefined) throw notInitialized(problem)
    },
  }
}

const notInitialized = (problem: string): SkepError =>
  new SkepError('start_failed', `The image of the function takes no calls: ${problem}.`, {
    hint: 'Build the action’s code into the image, or deploy the code with a template such as node-openwhisk.',
  })
