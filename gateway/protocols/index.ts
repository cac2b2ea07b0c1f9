import type { ProtocolName } from '../core/protocol.ts'
import { lambdaRie } from './lambda-rie.ts'
import { openwhisk } from './openwhisk.ts'
import type { Protocol } from './protocol.ts'

export const protocols: Readonly<Record<ProtocolName, Protocol>> = { 'lambda-rie': lambdaRie, openwhisk }
