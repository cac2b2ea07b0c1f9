import { architectureNames } from '../engine/ground.ts'

/**
 * What a service's placement asks for. A Swarm compares an image's word for a processor with the kernel's of each node, and
 * knows only x86_64 and aarch64 under both names; so it is told all of them.
 */
export const placementPlatforms = (platforms: readonly string[]): { OS: string; Architecture: string }[] =>
  platforms.flatMap((platform) => {
    const [OS = '', image = ''] = platform.split('/')
    const kernels = Object.keys(architectureNames).filter((kernel) => architectureNames[kernel] === image)
    return [image, ...kernels].map((Architecture) => ({ OS, Architecture }))
  })
