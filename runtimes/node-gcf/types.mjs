const types = {
  bin: 'application/octet-stream',
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  html: 'text/html',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  multipart: 'multipart/*',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  text: 'text/plain',
  txt: 'text/plain',
  urlencoded: 'application/x-www-form-urlencoded',
  wasm: 'application/wasm',
  webp: 'image/webp',
  xml: 'application/xml',
  zip: 'application/zip',
}

/** Of an ending, `html` or `.html`; what is a type already stays one. */
export const typeOf = (ending) =>
  ending.includes('/') ? ending : (types[ending.replace(/^.*\./, '').toLowerCase()] ?? types.bin)

/** Express says the charset of text. */
export const withCharset = (type) =>
  /^text\/|^application\/(json|javascript|xml)/.test(type) && !/;\s*charset\s*=/.test(type)
    ? `${type}; charset=utf-8`
    : type
