import { describeProvider } from '../contract/provider.ts'
import { processGround } from './process-ground.ts'

describeProvider('process', processGround, {
  limitProcesses: 'processes are only counted once a second, and ended when they are too many',
})
