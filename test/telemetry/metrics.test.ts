import fc from 'fast-check'
import { Counter, Histogram, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { metrics } from '../../gateway/telemetry/metrics.ts'

const nothingElse = { loads: () => [], depth: async () => new Map(), usages: async () => [] }

it('counts started calls by function, with the default namespace in the name', async () => {
  const { observer, scrape } = metrics(nothingElse)
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
    const { observer, scrape } = metrics(nothingElse)
    const registry = new Registry()
    const options = { help: 'x', labelNames: ['function_name', 'code'], registers: [registry] }
    const total = new Counter({ ...options, name: 'gateway_function_invocation_total' })
    const duration = new Histogram({ ...options, name: 'gateway_functions_seconds' })
    for (const { key, status, seconds } of calls) {
      observer.answered(key, status, seconds, undefined as never, true)
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

it('tells of functions, their replicas, their queue and the API what dashboards ask for', async () => {
  const states = { delayed: 1, running: 1, done: 9, dead: 0, cancelled: 0 }
  const { onRequest, scrape } = metrics({
    loads: () => [{ key: 'hello', desired: 3, available: 2, inFlight: 7, waiting: 1, minReplicas: 1, target: 45 }],
    depth: async () =>
      new Map([
        ['hello', { ...states, waiting: 4 }],
        ['other', { ...states, waiting: 2 }],
      ]),
    usages: async () => [{ function: 'hello', replica: 'hello-1-a', cpuSeconds: 1.5, memoryBytes: 1024 }],
  })
  onRequest({ method: 'GET', path: '/system/functions', status: 200, seconds: 0.003 })
  const text = await scrape()
  const hello = '{function_name="hello.openfaas-fn"}'
  const pod = '{function_name="hello.openfaas-fn",pod_name="hello-1-a"}'
  const route = 'method="GET",path="/system/functions",code="200"'
  for (const line of [
    `gateway_service_count${hello} 3`,
    `gateway_service_ready_count${hello} 2`,
    `gateway_service_min${hello} 1`,
    `gateway_service_target${hello} 45`,
    `gateway_invocation_function_invocation_inflight${hello} 7`,
    `pod_cpu_usage_seconds_total${pod} 1.5`,
    `pod_memory_working_set_bytes${pod} 1024`,
    'queue_worker_pending_messages{queue_name="faas-request"} 6',
    'skep_async_calls{function_name="hello.openfaas-fn",state="waiting"} 4',
    `http_requests_total{${route}} 1`,
    `http_request_duration_seconds_bucket{le="0.005",${route}} 1`,
  ]) {
    expect(text.split('\n')).toContain(line)
  }
})

it('has all other numbers while the place and the queue are away', async () => {
  const away = (): Promise<never> => Promise.reject(new Error('away'))
  const { observer, scrape } = metrics({ loads: () => [], depth: away, usages: away })
  observer.started('hello')
  expect(await scrape()).toContain('gateway_function_invocation_started{function_name="hello.openfaas-fn"} 1\n')
})
