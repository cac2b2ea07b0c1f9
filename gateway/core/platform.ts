/** As images name what they are for: `linux/arm64`, `linux/arm/v7`. */
export const platformPattern = /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/

/** Whether an image that is made for `made` does for `platform`. Not every image tells its variant. */
export const isFor = (platform: string, made: string): boolean => `${platform}/`.startsWith(`${made}/`)

/**
 * What a Dockerfile may ask for. BuildKit sets it itself, the classic builder leaves it empty, and then
 * `FROM --platform=${TARGETPLATFORM:-linux/amd64}` takes the wrong image on ARM.
 */
export const platformArguments = (target: string, build: string): Record<string, string> => ({
  ...about('TARGET', target),
  ...about('BUILD', build),
})

function about(prefix: 'TARGET' | 'BUILD', platform: string): Record<string, string> {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  return {
    [`${prefix}PLATFORM`]: platform,
    [`${prefix}OS`]: os,
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant,
  }
}
