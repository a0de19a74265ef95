import type { SecureContext, SecureContextOptions } from 'node:tls'
import { createSecureContext } from 'node:tls'
import type { HandshakeQuestion, HelloSize } from './net.ts'

export type TlsVersion = NonNullable<HandshakeQuestion['minVersion']>

/**
 * The groups that each hello offers. The small one has the curves of Windows' own TLS client and no post-quantum share, so
 * that the ClientHello stays in one segment: a larger one is cut by some middleboxes, where an agent on Windows would have
 * passed. The other one begins with the hybrid share of newer clients (X25519MLKEM768, draft-ietf-tls-ecdhe-mlkem).
 */
const groups: Readonly<Record<HelloSize, string>> = {
  small: 'X25519:P-256:P-384',
  'post-quantum': 'X25519MLKEM768:X25519:P-256:P-384',
}

const base: SecureContextOptions = {
  // Chains are judged here and not by OpenSSL: without roots it does not spend time on finding what is not asked.
  ca: [],
}

/** TLS 1.0 and 1.1 sign with SHA-1 and MD5, which OpenSSL allows at its lowest security level only. */
const old: SecureContextOptions = { ciphers: 'DEFAULT:@SECLEVEL=0' }

/** Makes one context for each offer and keeps it: a context costs more than the handshake's own first step. */
export function createSecureContexts(): (
  minVersion: TlsVersion,
  maxVersion: TlsVersion,
  hello?: HelloSize,
) => SecureContext {
  const made = new Map<string, SecureContext>()
  return (minVersion, maxVersion, hello = 'small') => {
    const key = `${minVersion} ${maxVersion} ${hello}`
    const known = made.get(key)
    if (known !== undefined) return known
    const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1'
    const context = createSecureContext({
      ...base,
      ...(isOld && old),
      ecdhCurve: groups[hello],
      minVersion,
      maxVersion,
    })
    made.set(key, context)
    return context
  }
}
