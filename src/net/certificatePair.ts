import type { KeyObject, X509Certificate } from 'node:crypto'
import { createPrivateKey } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { subjectAltNames } from './certificateFacts.ts'
import { readPem } from './readPem.ts'
import { tlsPolicy } from './tlsPolicy.ts'

/** A chain and its key, as PEM texts. */
export interface CertificatePair {
  /** The leaf first, then what leads to its root. */
  readonly chainPem: string
  readonly keyPem: string
}

/** Why a pair cannot be served: a closed list. */
export const pairReasons = {
  'no-certificate': 'the certificate file holds no certificate in PEM',
  'certificate-unreadable': 'the certificate file holds a certificate that cannot be read',
  'key-unreadable': 'the key file holds no private key in PEM that can be read without a passphrase',
  'key-does-not-fit': 'the key is not that of the first certificate',
  'not-yet-valid': 'the certificate is not valid yet',
  expired: 'the certificate has expired',
  'not-for-servers': 'the certificate is not for servers',
  'not-usable': 'the platform takes neither the certificate nor its key: most often a key that is too short',
} as const satisfies Readonly<Record<string, string>>
export type PairReason = keyof typeof pairReasons

/** What a pair is for. */
export interface PairFacts {
  /** DNS names of the leaf, in lower case, wildcards with their star. */
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly notAfterMs: number
  /** Of the leaf, lower-case hexadecimal. */
  readonly sha256: string
}

export type JudgedPair = { readonly ok: PairFacts } | { readonly why: PairReason }

/** id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280 §4.2.1.12). */
const forServers: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'])

/** Whether a pair can be served at a time: both halves read, fit together, and are in their dates. */
export function judgePair(pair: CertificatePair, nowMs: number): JudgedPair {
  const { certificates, unreadable } = readPem(pair.chainPem)
  const [leaf] = certificates
  if (unreadable > 0) return { why: 'certificate-unreadable' }
  if (leaf === undefined) return { why: 'no-certificate' }
  const key = privateKey(pair.keyPem)
  if (key === undefined) return { why: 'key-unreadable' }
  if (!leaf.checkPrivateKey(key)) return { why: 'key-does-not-fit' }
  const notAfterMs = leaf.validToDate.getTime()
  if (nowMs < leaf.validFromDate.getTime()) return { why: 'not-yet-valid' }
  if (nowMs > notAfterMs) return { why: 'expired' }
  // Whatever the types of the platform say: it is undefined where there is no extension.
  const usages: readonly string[] | undefined = leaf.keyUsage
  if (usages !== undefined && usages.length > 0 && !usages.some((usage) => forServers.has(usage))) {
    return { why: 'not-for-servers' }
  }
  if (!isTaken(pair)) return { why: 'not-usable' }
  return { ok: { names: namesOf(leaf), notAfterMs, sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase() } }
}

function privateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function isTaken({ chainPem, keyPem }: CertificatePair): boolean {
  try {
    createSecureContext({ ...tlsPolicy, cert: chainPem, key: keyPem })
    return true
  } catch {
    return false
  }
}

/** The DNS names that a leaf is for; where it has no alternative names, its common name, as old ones do. */
export function namesOf(leaf: X509Certificate): readonly string[] {
  const alternatives = subjectAltNames(leaf.subjectAltName)
  const common = /^CN=(.+)$/m.exec(leaf.subject)?.[1]
  if (alternatives.length === 0) return common === undefined ? [] : [common.toLowerCase()]
  return alternatives.filter((name) => name.startsWith('dns:')).map((name) => name.slice('dns:'.length))
}
