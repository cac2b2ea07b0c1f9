import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

export interface Seal {
  close(text: string): Promise<string>
  /** Undefined when it was closed with another password, or changed. */
  open(sealed: string): Promise<string | undefined>
}

const ivBytes = 12
const tagBytes = 16

/** Keeps texts from those who can read the store but do not know the password. */
export function sealWith(password: string): Seal {
  let made: Promise<Buffer> | undefined
  // Slow on purpose, for passwords that can be guessed; so it is made once, and only where there is something sealed.
  const theKey = () => (made ??= promisify(scrypt)(password, 'skep registry logins', 32) as Promise<Buffer>)
  return {
    async close(text) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', await theKey(), iv)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      const key = await theKey()
      try {
        const iv = bytes.subarray(0, ivBytes)
        // A shorter tag would be easier to guess.
        const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
        decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
        const body = bytes.subarray(ivBytes + tagBytes)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch {
        return undefined // it is too short, or the tag says that it is not what was closed
      }
    },
  }
}
