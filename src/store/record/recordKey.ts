import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { privateFile } from '../sessions/privateFile.ts'
import type { StoreFault } from '../sessions/storeFault.ts'
import type { SigningKey } from './recordMark.ts'

/**
 * The key that signs checkpoints: made at the first start (PKCS #8 in PEM, mode 0600), with its public half beside it.
 *
 * @param isNew whether nothing was recorded yet; else a key that is gone is not made anew, because nothing that it signed
 *   could be told from what somebody else did
 */
export function recordKey(privatePath: string, publicPath: string, isNew: boolean): SigningKey | StoreFault {
  if (!isNew && !existsSync(privatePath)) {
    return { what: `${privatePath} is gone, which signed this record`, right: 'put it back, or move the folder aside' }
  }
  const read = privateFile(privatePath, madePem)
  if ('what' in read) return { what: `${privatePath}: ${read.what}`, right: read.right }
  const privateKey = keyIn(() => createPrivateKey(Buffer.from(read.octets)))
  if (privateKey === undefined) {
    return { what: `${privatePath} holds no Ed25519 key in PEM`, right: 'put it back, or move the folder aside' }
  }
  const publicKey = createPublicKey(privateKey)
  try {
    if (!existsSync(publicPath)) writeFileSync(publicPath, publicKey.export({ type: 'spki', format: 'pem' }))
  } catch (error) {
    return { what: `${publicPath} cannot be written (${errorCode(error)})`, right: 'give the gate the folder' }
  }
  return { id: keyId(publicKey), privateKey }
}

/** Reads a public key; undefined where the text is no Ed25519 key in PEM. */
export function readPublicKey(pem: Uint8Array): KeyObject | undefined {
  return keyIn(() => createPublicKey(Buffer.from(pem)))
}

/** The first 16 digits of the SHA-256 of the SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
export function keyId(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)
}

/** The word of the platform for what went wrong, and nothing of what it was about. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}

function madePem(): Uint8Array {
  return Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

function keyIn(read: () => KeyObject): KeyObject | undefined {
  try {
    const key = read()
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
