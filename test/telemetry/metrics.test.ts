import fc from 'fast-check'
import { Counter, Histogram, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { metrics } from '../../gateway/telemetry/metrics.ts'

const nothingElse = [() => [], async () => new Map()] as const

it('counts started calls by function, with the default namespace in the name', async () => {
  const { observer, scrape } = metrics(...nothingElse)
  observer.started('hello')
  observer.started('hello')
  observer.started('hello.other')
  const text = await scrape()
  expect(text).toContain('gateway_function_invocation_started{function_name="hello.openfaas-fn"} 2\n')
  expect(text).toContain('gateway_function_invocation_started{function_name="hello.other"} 1\n')
})

const call = fc.record({
  key: fc.constantFrom('a.x', 'b.x'),
  status: fc.constantFrom(200, 404, 502),
  seconds: fc.oneof(fc.constantFrom(0, 0.005, 0.1, 1, 10, 10.1, 60), fc.double({ min: 0, max: 20, noNaN: true })),
})

it('says about answered calls what prom-client itself would have said', async () => {
  const property = fc.asyncProperty(fc.array(call, { maxLength: 50 }), async (calls) => {
    const { observer, scrape } = metrics(...nothingElse)
    const registry = new Registry()
    const options = { help: 'x', labelNames: ['function_name', 'code'], registers: [registry] }
    const total = new Counter({ ...options, name: 'gateway_function_invocation_total' })
    const duration = new Histogram({ ...options, name: 'gateway_functions_seconds' })
    for (const { key, status, seconds } of calls) {
      observer.answered(key, status, seconds, undefined as never)
      total.inc({ function_name: key, code: status })
      duration.observe({ function_name: key, code: status }, seconds)
    }
    for (let i = 0; i < 2; i++) expect(samplesOf(await scrape())).toEqual(samplesOf(await registry.metrics()))
  })
  await fc.assert(property, { numRuns: 100 })
})

const samplesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^gateway_function(?:_invocation_total|s_seconds)/.test(line))
    .toSorted()
