import { describe } from 'vitest'
import { describeProvider } from '../contract/provider.ts'
import { needs } from '../helpers/needs.ts'
import { swarmGround } from './swarm-ground.ts'

describe('swarm', { ...needs('docker', 'swarm', 'registry'), timeout: 180_000 }, () => {
  describeProvider('swarm', swarmGround, {
    pause: 'A Swarm cannot pause a task.',
    usage: 'A Swarm tells nobody what its tasks use.',
    exec: 'A Swarm runs nothing in a task from afar.',
  })
})
