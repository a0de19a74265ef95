import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { scimServerRequirements } from '../catalog/tls.ts'

/**
 * Of the suites that Microsoft lists for TLS 1.2 those with GCM, in its order: those with CBC are forbidden to HTTP/2
 * (RFC 9113 appendix A), and need a padding check that takes the same time whatever is in it.
 */
const suitesOfTls12 = scimServerRequirements.cipherSuites
  .filter((name) => name.includes('_GCM_'))
  .map((name) => {
    const [, key, , cipher, bits, mode, hash] = /^TLS_ECDHE_(\w+?)_(WITH)_(AES)_(\d+)_(GCM)_(SHA\d+)$/.exec(name) ?? []
    return `ECDHE-${key}-${cipher}${bits}-${mode}-${hash}`
  })

const suitesOfTls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

/** What the gate speaks of TLS: 1.2 and 1.3, forward secrecy always, nothing signed with SHA-1, no renegotiation. */
export const tlsPolicy = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [...suitesOfTls13, ...suitesOfTls12].join(':'),
  honorCipherOrder: true,
  // The hybrid first: what is recorded today must not be read by the machines of tomorrow.
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  sigalgs: [
    'ecdsa_secp256r1_sha256',
    'ecdsa_secp384r1_sha384',
    'ecdsa_secp521r1_sha512',
    'ed25519',
    'rsa_pss_rsae_sha256',
    'rsa_pss_rsae_sha384',
    'rsa_pss_rsae_sha512',
    'rsa_pkcs1_sha256',
    'rsa_pkcs1_sha384',
    'rsa_pkcs1_sha512',
  ].join(':'),
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const satisfies SecureContextOptions
