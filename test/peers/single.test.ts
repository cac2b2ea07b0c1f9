import { peers } from '../../gateway/peers/index.ts'
import { describePeers } from '../contract/peers.ts'

describePeers('one gateway', () => peers.single(), 'it is the only one')
