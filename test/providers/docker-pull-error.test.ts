import { expect, it } from 'vitest'
import { pullError } from '../../gateway/providers/engine/pull-error.ts'

// The engine tells all of this as prose, and each registry in its own: these were seen.
it.each([
  [
    'no matching manifest for linux/arm64/v8 in the manifest list entries',
    400,
    /not made for this engine’s kind of processor/,
  ],
  [
    "pull access denied for x, repository does not exist or may require 'docker login': denied: …",
    400,
    /one has to log in/,
  ],
  ['unauthorized: authentication required', 400, /one has to log in/],
  ['Head "https://r/v2/x/manifests/1": no basic auth credentials', 400, /one has to log in/],
  ['manifest for r/x:1 not found: manifest unknown: manifest unknown', 400, /There is no image r\/x:1/],
  ['invalid reference format: repository name must be lowercase', 400, /is not an image’s name/],
  ['write /var/lib/docker/tmp/GetImageBlob123: no space left on device', 503, /no space left for r\/x:1/],
  ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', 400, /speaks plain HTTP/],
  ['Get "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: no such host', 503, /does not answer the engine/],
  ['Get "https://r/v2/": dial tcp 10.0.0.9:443: connect: connection refused', 503, /does not answer the engine/],
  ['Get "https://r/v2/": net/http: TLS handshake timeout', 503, /does not answer the engine/],
  ['something new', 400, /r\/x:1 cannot be pulled/],
])('explains "%s"', (said, status, sentence) => {
  const error = pullError('r/x:1', new Error(said))
  expect(error).toMatchObject({
    status,
    message: expect.stringMatching(sentence),
    hint: expect.any(String),
    detail: said,
  })
})
