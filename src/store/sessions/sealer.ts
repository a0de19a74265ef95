import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Octets of a key: AES-256. */
export const keyOctets = 32
const nonceOctets = 12
const tagOctets = 16

/** Keeps texts from whoever has the database and not the key. */
export interface Sealer {
  /** @param belongsTo what it stands beside: sealed text that was moved elsewhere does not open there */
  seal(text: string, belongsTo: string): Uint8Array
  /** @returns undefined for what was changed, moved, or sealed by another key */
  open(sealed: Uint8Array, belongsTo: string): string | undefined
}

/**
 * AES-256 in GCM with a random nonce for each text (NIST SP 800-38D §8.2.2: up to 2^32 texts by one key).
 *
 * @throws RangeError for a key that is not 32 octets long
 */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== keyOctets) throw new RangeError(`a key has ${keyOctets} octets, not ${key.length}`)
  return {
    seal(text, belongsTo) {
      const nonce = randomBytes(nonceOctets)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagOctets })
      cipher.setAAD(Buffer.from(belongsTo))
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed, belongsTo) {
      if (sealed.length < nonceOctets + tagOctets) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceOctets), {
        authTagLength: tagOctets,
      })
      decipher.setAAD(Buffer.from(belongsTo))
      decipher.setAuthTag(sealed.subarray(-tagOctets))
      try {
        const text = decipher.update(sealed.subarray(nonceOctets, -tagOctets))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
