import { expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { problemsOf } from '../../gateway/core/problems.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'

it('a wrong setting is named with what it says and what it may be', () => {
  const settings = {
    SKEP_PORT: 'abc',
    SKEP_METRICS_PORT: '99999',
    SKEP_PROVIDER: 'kubernetes',
    SKEP_BUILDS: '0',
    SKEP_BUILD_MAX: 'big',
    SKEP_TRUST_PROXY: 'maybe',
  }
  expect(() => readConfig(settings)).toThrow(`The settings are not right:
  SKEP_PORT: must be a number, not "abc"
  SKEP_METRICS_PORT: must be at most 65535, not "99999"
  SKEP_PROVIDER: must be process, docker or swarm, not "kubernetes"
  SKEP_BUILDS: must be at least 1, not "0"
  SKEP_BUILD_MAX: use a size such as 64Mi or 1Gi
  SKEP_TRUST_PROXY: use true or false`)
})

it('so is a wrong field of a deploy, wherever it is', () => {
  const wrong = { name: 'f', publish: [{ port: 'x' }], secrets: 'one', protocol: 'grpc', scale: { concurrency: 1.5 } }
  const { error } = FunctionSpec.safeParse(wrong)
  expect(error && problemsOf(error, wrong).toSorted()).toEqual([
    'image: is missing',
    'protocol: must be lambda-rie or openwhisk, not "grpc"',
    'publish.0.port: must be a number, not "x"',
    'scale.concurrency: must be a whole number, not 1.5',
    'secrets: must be a list, not "one"',
  ])
})
