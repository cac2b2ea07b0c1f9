import { describe } from 'vitest'
import { describeProvider } from '../contract/provider.ts'
import { needs } from '../helpers/needs.ts'
import { dockerGround } from './docker-ground.ts'

describe('docker', needs('docker'), () => {
  describeProvider('docker', () => dockerGround(), { monitor: 'the gateway runs them, by exec' })
})
