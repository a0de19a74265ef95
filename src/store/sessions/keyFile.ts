import { randomBytes } from 'node:crypto'
import { privateFile } from './privateFile.ts'
import { keyOctets } from './sealer.ts'
import type { StoreFault } from './storeFault.ts'

/** The key in a file, as base64url on one line; made when there is no such file. */
export function keyFile(path: string): { readonly key: Uint8Array } | StoreFault {
  const read = privateFile(path, () => Buffer.from(`${randomBytes(keyOctets).toString('base64url')}\n`))
  return 'what' in read ? read : readKey(Buffer.from(read.octets).toString('latin1'))
}

/** @param text 32 octets in base64url, as `openssl rand 32 | basenc --base64url` writes them, with padding or without */
export function readKey(text: string): { readonly key: Uint8Array } | StoreFault {
  const written = text.trim().replace(/=$/, '')
  const key = Buffer.from(written, 'base64url')
  return key.length === keyOctets && key.toString('base64url') === written
    ? { key }
    : { what: `it holds no key of ${keyOctets} octets`, right: 'remove it, and people sign in anew' }
}
