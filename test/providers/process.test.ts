import { describeProvider } from '../contract/provider.ts'
import { processGround } from './process-ground.ts'

describeProvider('process', processGround, {
  monitor: 'the gateway runs them, by exec',
  limitProcesses: 'processes are only counted every two seconds, and ended when they are too many',
})
