import { loadX509 } from './loadX509.ts'

/** The key that a tenant signs tokens with: what its key set publishes of it (RFC 7517 §4, RFC 7518 §6.3.1). */
export interface SigningKey {
  /** base64url. */
  readonly modulus: string
  readonly exponent: string
  readonly certificateDer: Uint8Array
  /** What it signs with, where it does; never published. */
  readonly privateKey: CryptoKey
}

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
} as const

/** Makes a new RSA key with a certificate of its own, valid for five years from the time given, as Entra's are. */
export async function makeSigningKey(nowMs: number): Promise<SigningKey> {
  const x509 = await loadX509()
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const notAfter = new Date(nowMs)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + 5)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=accounts.accesscontrol.lab',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(nowMs),
    notAfter,
  })
  const { n: modulus, e: exponent } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  if (modulus === undefined || exponent === undefined) throw new TypeError('an RSA key has a modulus and an exponent')
  return { modulus, exponent, certificateDer: new Uint8Array(certificate.rawData), privateKey: keys.privateKey }
}
