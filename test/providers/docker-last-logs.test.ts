import { describe, expect, it } from 'vitest'
import { ask, askSoon, useSite } from '../contract/provider-site.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { dockerGround } from './docker-ground.ts'

describe('docker: the log of a replica that has ended', needs('docker'), () => {
  const site = useSite('docker', () => dockerGround())

  const textsOf = async (key: string, query: { tail?: number } = {}): Promise<string[]> => {
    const texts: string[] = []
    const whole = { function: key, follow: false, signal: AbortSignal.timeout(30_000) }
    for await (const { text } of site().provider.logs({ ...whole, ...query })) texts.push(text)
    return texts
  }

  it('can be read until its revision goes: a crash was never seen in it, as its container was gone', async () => {
    const { provider, ground, run, replicaOf, gone } = site()
    const made = await run('probe')
    const replica = await replicaOf(made)
    await askSoon(replica, '/say?text=one')
    await ask(replica, '/exit?n=3&text=farewell')
    await gone(replica)
    const crash = '[skep] It failed with exit code 3.'
    await until(async () => (await textsOf(made.function, { tail: 1 })).includes(crash))
    await until(async () => (await ground.leftovers(made)).every((name) => !name.includes(replica.id)))
    expect(await textsOf(made.function)).toEqual(expect.arrayContaining(['one', 'farewell', crash]))
    await provider.remove(made)
    expect(await textsOf(made.function)).toEqual([])
  })
})
