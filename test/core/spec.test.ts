import { describe, expect, it } from 'vitest'
import { policyOf } from '../../gateway/core/policy.ts'
import { functionKey } from '../../gateway/core/names.ts'
import { problemsOf } from '../../gateway/core/problems.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { parseCpus, parseDuration, parseSize } from '../../gateway/core/units.ts'

const minimal = { name: 'hello', image: 'x' }

describe('a spec', () => {
  it.each(['a', '0', 'hello-world', 'a'.repeat(63)])('may be named %s', (name) => {
    expect(FunctionSpec.safeParse({ ...minimal, name }).success).toBe(true)
  })

  it.each(['', 'Hello', '-a', 'a-', 'a_b', 'a.b', 'a/b', 'a'.repeat(64)])('may not be named "%s"', (name) => {
    expect(FunctionSpec.safeParse({ ...minimal, name }).success).toBe(false)
  })

  it('tells all of its problems, with their paths', () => {
    const wrong = {
      ...minimal,
      name: 'No',
      limits: { memory: 'lots', cpu: '-1' },
      labels: { 'skep.x': '1', 'com.openfaas.scale.min': 'two' },
      timout: '5s',
      scale: { max: 0 },
    }
    const { error } = FunctionSpec.safeParse(wrong)
    expect(
      error &&
        problemsOf(error)
          .map((problem) => problem.replace(/: .*/, ''))
          .sort(),
    ).toEqual([
      'labels.com.openfaas.scale.min',
      'labels.skep.x',
      'limits.cpu',
      'limits.memory',
      'name',
      'scale.max',
      'timout',
    ])
  })

  it('keeps what it was given, so that it reads back the same', () => {
    const spec = FunctionSpec.parse({ ...minimal, limits: { memory: '128Mi' }, scale: { 'zero-duration': '5m' } })
    expect(FunctionSpec.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec)
    expect(spec.limits.memory).toBe('128Mi')
  })

  it('is addressed by its name alone in the default namespace', () => {
    expect(functionKey(FunctionSpec.parse(minimal))).toBe('hello')
    expect(functionKey(FunctionSpec.parse({ ...minimal, namespace: 'other' }))).toBe('hello.other')
  })
})

describe('a policy', () => {
  const policy = (fields: object): ReturnType<typeof policyOf> =>
    policyOf(FunctionSpec.parse({ ...minimal, ...fields }))

  it('has sane defaults', () => {
    expect(policy({})).toMatchObject({
      minReplicas: 0,
      maxReplicas: 5,
      idleMs: 300_000,
      timeoutMs: 60_000,
      idle: 'stop',
    })
  })

  it('reads the scaling labels of OpenFaaS', () => {
    const labels = {
      'com.openfaas.scale.min': '2',
      'com.openfaas.scale.max': '10',
      'com.openfaas.scale.zero-duration': '15m',
      'com.openfaas.scale.down.window': '2m',
      'com.openfaas.scale.factor': '50',
    }
    const read = { minReplicas: 2, maxReplicas: 10, idleMs: 900_000, downWindowMs: 120_000, factor: 50 }
    expect(policy({ labels })).toMatchObject(read)
  })

  it.each([
    [{}, 'capacity', 10],
    [{ target: '100' }, 'rps', 90],
    [{ type: 'rps' }, 'rps', 45],
    [{ type: 'capacity', target: '4', 'target-proportion': '0.5' }, 'capacity', 2],
    [{ type: 'cpu', target: '500', 'target-proportion': '1' }, 'cpu', 500],
    [{ type: 'queue' }, 'queue', 45],
    [{ type: 'mem_query', target: '10' }, 'capacity', 9],
  ])('with scaling labels %j grows by %s, aiming at %d', (labels, type, target) => {
    const all = Object.fromEntries(Object.entries(labels).map(([name, value]) => [`com.openfaas.scale.${name}`, value]))
    expect(policy({ labels: all })).toMatchObject({ type, target })
  })

  it('grows by what its own section says, of which all is meant', () => {
    expect(policy({ scale: { type: 'rps', target: 20 } })).toMatchObject({ type: 'rps', target: 20 })
    expect(policy({ scale: { type: 'cpu', 'target-proportion': 0.8 } })).toMatchObject({ type: 'cpu', target: 40 })
  })

  it('lets an answer take as long as a watchdog is told to', () => {
    expect(policy({ environment: { exec_timeout: '5m', write_timeout: '301s' } }).timeoutMs).toBe(301_000)
    expect(policy({ environment: { exec_timeout: '10s' } }).timeoutMs).toBe(60_000)
    expect(policy({ environment: { exec_timeout: '5m' }, timeout: '20s' }).timeoutMs).toBe(20_000)
  })

  it('lets callers wait where a watchdog would refuse them', () => {
    expect(policy({ environment: { max_inflight: '3' } }).concurrency).toBe(3)
    expect(policy({ environment: { max_inflight: '3' }, scale: { concurrency: 5 } }).concurrency).toBe(5)
    expect(policy({ environment: { max_inflight: '0' } }).concurrency).toBe(100)
  })

  it('takes the scale section before the labels', () => {
    expect(policy({ scale: { min: 1 }, labels: { 'com.openfaas.scale.min': '2' } }).minReplicas).toBe(1)
  })

  it.each([
    [{ 'com.openfaas.scale.zero': 'true', 'com.openfaas.scale.min': '1' }, 0],
    [{ 'com.openfaas.scale.zero': 'false' }, 1],
  ])('with labels %j keeps %i replicas', (labels, minReplicas) => {
    expect(policy({ labels }).minReplicas).toBe(minReplicas)
  })
})

describe('units', () => {
  it.each([
    ['90', 90_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5s', 1500],
    ['', undefined],
    ['5 m', undefined],
    ['m', undefined],
    ['-5s', undefined],
  ])('reads the duration "%s" as %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each([
    ['128Mi', 134_217_728],
    ['64m', 67_108_864],
    ['1GiB', 1_073_741_824],
    ['100', 100],
    ['1.5k', 1536],
    ['lots', undefined],
    ['-1m', undefined],
  ])('reads the size "%s" as %s bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  it.each([
    ['100m', 0.1],
    ['0.5', 0.5],
    ['2', 2],
    ['two', undefined],
  ])('reads the processors "%s" as %s', (text, cpus) => expect(parseCpus(text)).toBe(cpus))
})
