import { describe } from 'vitest'
import { describeGateway } from '../contract/gateway.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { needs } from '../helpers/needs.ts'
import { functionImage, removeEverythingOf } from '../providers/docker-ground.ts'

describe('on a Docker engine', needs('docker'), () => {
  describeGateway('containers', async () => {
    const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
    return {
      settings: { SKEP_PROVIDER: 'docker', SKEP_INSTANCE: instance, DOCKER_HOST: dockerHost ?? '' },
      probe: { image: await functionImage('probe') },
      crash: { image: await functionImage('crash') },
      close: () => removeEverythingOf(instance),
    }
  })
})
