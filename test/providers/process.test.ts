import { describeProvider } from '../contract/provider.ts'
import { processGround } from './process-ground.ts'

describeProvider('process', processGround, {
  limitProcesses: 'processes are only counted every two seconds, and ended when they are too many',
})
