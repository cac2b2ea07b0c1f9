import { describe, expect, it } from 'vitest'
import { baseImage, docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'

describe('the engine that tests use', needs('docker'), () => {
  it('runs a base image whose address the tests reach', async () => {
    const container = await docker().createContainer({
      Image: await baseImage('http'),
      HostConfig: { AutoRemove: true },
    })
    await container.start()
    try {
      const { NetworkSettings } = await container.inspect()
      const url = `http://${NetworkSettings.Networks['bridge']?.IPAddress}:8080/`
      const answer = await until(() =>
        fetch(url).then(
          (response) => response.text(),
          () => undefined,
        ),
      )
      expect(answer).toBe('hello\n')
    } finally {
      await container.remove({ force: true })
    }
  })
})
