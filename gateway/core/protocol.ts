import { z } from 'zod'

/**
 * What an image speaks at its port, where that is not plain HTTP: the emulator in AWS’s base images for Lambda, or the
 * `/init` and `/run` of OpenWhisk’s action images. Both take one call at a time.
 */
export const ProtocolName = z.enum(['lambda-rie', 'openwhisk'])
export type ProtocolName = z.infer<typeof ProtocolName>
