import { type ErrorCode, messageOf, SkepError } from '../../core/errors.ts'

interface Explanation {
  readonly words: RegExp
  readonly code: ErrorCode
  readonly message: (image: string) => string
  readonly hint: string
}

/** The engine gives all of this as prose, and each registry in its own; the first that fits is told. */
const explanations: readonly Explanation[] = [
  {
    words: /no matching manifest for|does not match the specified platform/,
    code: 'invalid_request',
    message: (image) => `${image} is not made for this engine’s kind of processor.`,
    hint: 'Build and push it for this platform as well.',
  },
  {
    words: /unauthorized|denied|authentication required|no basic auth|forbidden/i,
    code: 'invalid_request',
    message: (image) => `The registry does not give ${image} to this engine: there is none, or one has to log in.`,
    hint: 'Look at the name, or log in with `skep registry-login`.',
  },
  {
    words: /manifest unknown|name unknown|repository .* does not exist|not found/i,
    code: 'invalid_request',
    message: (image) => `There is no image ${image}.`,
    hint: 'Look at its name and tag; was it pushed?',
  },
  {
    words: /invalid reference format|invalid repository name|invalid tag/,
    code: 'invalid_request',
    message: (image) => `"${image}" is not an image’s name.`,
    hint: 'Use name:tag or name@sha256:…, in lower case.',
  },
  {
    words: /no space left on device/,
    code: 'provider_unavailable',
    message: (image) => `The engine has no space left for ${image}.`,
    hint: '`docker system df` shows what takes it.',
  },
  {
    words: /server gave HTTP response to HTTPS client/,
    code: 'invalid_request',
    message: (image) => `The registry of ${image} speaks plain HTTP, which the engine does not trust.`,
    hint: 'Name it in "insecure-registries" of the engine’s daemon.json, or give it a certificate.',
  },
  {
    words: /dial tcp|i\/o timeout|no such host|connection refused|TLS|x509|EOF|network is unreachable|Client\.Timeout/i,
    code: 'provider_unavailable',
    message: (image) => `The registry of ${image} does not answer the engine.`,
    hint: 'Try again, or look at its address.',
  },
]

const unknown: Omit<Explanation, 'words'> = {
  code: 'invalid_request',
  message: (image) => `${image} cannot be pulled.`,
  hint: 'The detail has the engine’s own words.',
}

/** Why an image could not be pulled, and what to do about it. */
export function pullError(image: string, cause: unknown): SkepError {
  if (cause instanceof SkepError && cause.code === 'provider_unavailable') return cause
  const detail = messageOf(cause)
  const { code, message, hint } = explanations.find(({ words }) => words.test(detail)) ?? unknown
  return new SkepError(code, message(image), { hint, detail, cause })
}
