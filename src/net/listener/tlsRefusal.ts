import { errorCode } from '../errno.ts'
import type { Refusal } from '../listened.ts'

/** What OpenSSL's reasons mean for a handshake that it ended. */
const reasons: Readonly<Record<string, Refusal>> = Object.freeze({
  UNSUPPORTED_PROTOCOL: 'tls-version',
  VERSION_TOO_LOW: 'tls-version',
  WRONG_SSL_VERSION: 'tls-version',
  INAPPROPRIATE_FALLBACK: 'tls-version',
  NO_PROTOCOLS_AVAILABLE: 'tls-version',
  NO_SHARED_CIPHER: 'tls-parameters',
  NO_SHARED_GROUP: 'tls-parameters',
  NO_SHARED_GROUPS: 'tls-parameters',
  NO_SUITABLE_GROUPS: 'tls-parameters',
  NO_SUITABLE_KEY_SHARE: 'tls-parameters',
  NO_SHARED_SIGNATURE_ALGORITHMS: 'tls-parameters',
  NO_SUITABLE_SIGNATURE_ALGORITHM: 'tls-parameters',
  NO_APPLICATION_PROTOCOL: 'tls-parameters',
  BAD_KEY_SHARE: 'tls-parameters',
  UNSUPPORTED_ELLIPTIC_CURVE: 'tls-parameters',
  PEER_DID_NOT_RETURN_A_CERTIFICATE: 'client-certificate-missing',
  CERTIFICATE_VERIFY_FAILED: 'client-certificate-invalid',
  BAD_SIGNATURE: 'client-certificate-invalid',
  WRONG_SIGNATURE_TYPE: 'client-certificate-invalid',
  EE_KEY_TOO_SMALL: 'client-certificate-invalid',
})

/**
 * Why a handshake ended, by what the platform says of it.
 *
 * @param judged the platform's word on a client certificate, where it refused one
 */
export function tlsRefusal(error: unknown, judged: string | undefined): Refusal {
  const code = errorCode(error) ?? ''
  if (error instanceof Error && /SSL alert number \d/.test(error.message)) return 'tls-alert'
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'handshake-timeout'
  if (code.startsWith('ERR_SSL_'))
    return reasons[code.slice('ERR_SSL_'.length)] ?? (isOfSignature(error) ? invalid : 'not-tls')
  return judged === undefined ? 'tls-aborted' : invalid
}

const invalid: Refusal = 'client-certificate-invalid'

/** Of a handshake nothing but the client's certificate is verified: its errors come from below OpenSSL's TLS. */
function isOfSignature(error: unknown): boolean {
  return error instanceof Error && 'library' in error && error.library !== 'SSL routines'
}
