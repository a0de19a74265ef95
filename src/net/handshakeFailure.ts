import type { TlsHandshake } from '../model/observation.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import type { TlsAlert } from '../wire/tls-record.ts'
import { isTlsRecord, readServerFlight, tlsAlert } from '../wire/tls-record.ts'
import { errorCode, isPlainEnd, isSystemError, streamOutcome } from './errno.ts'
import type { Ending } from './wait.ts'

/** What ended a handshake: a failure that the platform reported, an end of the stream, or the end of the wait. */
export type HandshakeEnd = { readonly error: unknown } | 'closed' | Ending

/** How a handshake failed, and what the server had shown in the clear by then. */
export type HandshakeFailure = Pick<
  TlsHandshake,
  'outcome' | 'alert' | 'firstOctets' | 'code' | 'clientCertificateRequested'
> & {
  /** DER of the certificates that the server sent in the clear. */
  readonly certificates: readonly Uint8Array[]
}

/** What our own side would not accept of what the server chose: the server spoke TLS well enough. */
const refusedByUs: ReadonlySet<string> = new Set(
  [
    'UNSUPPORTED_PROTOCOL',
    'WRONG_SSL_VERSION',
    'NO_PROTOCOLS_AVAILABLE',
    'NO_CIPHERS_AVAILABLE',
    'UNKNOWN_CIPHER_RETURNED',
    'WRONG_CIPHER_RETURNED',
    'DH_KEY_TOO_SMALL',
    'EE_KEY_TOO_SMALL',
    'CA_KEY_TOO_SMALL',
    'CA_MD_TOO_WEAK',
    'BAD_DH_VALUE',
    'DH_PUBLIC_VALUE_LENGTH_IS_WRONG',
    'WRONG_CURVE',
    'UNSUPPORTED_ELLIPTIC_CURVE',
    'WRONG_SIGNATURE_TYPE',
    'WRONG_SIGNATURE_SIZE',
    'LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED',
    'NO_SUITABLE_SIGNATURE_ALGORITHM',
    'UNKNOWN_CERTIFICATE_TYPE',
    'UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS',
    'UNSAFE_LEGACY_RENEGOTIATION_DISABLED',
    'EXCESSIVE_MESSAGE_SIZE',
  ].map((reason) => `ERR_SSL_${reason}`),
)

/** A record cannot be shorter than its header (RFC 8446 §5.1). */
const recordHeaderLength = 5

/** How OpenSSL says that the first record which came is none. */
const noRecord: ReadonlySet<string> = new Set(
  ['WRONG_VERSION_NUMBER', 'HTTP_REQUEST', 'HTTPS_PROXY_REQUEST', 'DATA_LENGTH_TOO_LONG', 'PACKET_LENGTH_TOO_LONG'].map(
    (reason) => `ERR_SSL_${reason}`,
  ),
)

/**
 * Says what the end of a handshake means, from the octets first and from the platform's words where the octets do not
 * decide or were not kept: an answer that is no TLS is that, however the connection ended afterwards.
 *
 * @param bytesIn how many octets came
 * @param firstOctets the first of them, where they were kept
 */
export function handshakeFailure(end: HandshakeEnd, bytesIn: number, firstOctets?: Uint8Array): HandshakeFailure {
  const error = typeof end === 'object' ? end.error : undefined
  const code = errorCode(error)
  const notTls =
    firstOctets === undefined
      ? bytesIn > 0 && (bytesIn < recordHeaderLength || noRecord.has(code ?? ''))
      : firstOctets.length > 0 && !isTlsRecord(firstOctets)
  const flight = readServerFlight(firstOctets ?? new Uint8Array())
  // OpenSSL reports none but the alert that ended the handshake.
  const alert =
    flight.alert === undefined || flight.alert.warning === true ? (alertOf(error) ?? flight.alert) : flight.alert
  const outcome = notTls && end !== 'aborted' ? 'not-tls' : outcomeOf(end, code, alert)
  return {
    outcome,
    ...(alert !== undefined && { alert }),
    ...(notTls && firstOctets !== undefined && { firstOctets: printableOctets(firstOctets) }),
    ...(code !== undefined && !isPlainEnd(error) && { code }),
    ...(flight.clientCertificateRequested && { clientCertificateRequested: true }),
    certificates: flight.certificates,
  }
}

function outcomeOf(end: HandshakeEnd, code: string | undefined, alert: TlsAlert | undefined): TlsHandshake['outcome'] {
  if (end === 'aborted') return 'aborted'
  // A close_notify says no more than the FIN after it, and a warning lets the handshake go on.
  if (alert !== undefined && alert.number !== 0 && alert.warning !== true) return 'alert'
  if (typeof end !== 'object') return end
  if (code === undefined) return 'error'
  if (refusedByUs.has(code)) return 'local-refusal'
  if (!isSystemError(end.error) && !isPlainEnd(end.error)) return 'error'
  return streamOutcome(end.error)
}

/** OpenSSL names the number of an alert that it received, encrypted or not, at the end of its message. */
function alertOf(error: unknown): TlsAlert | undefined {
  if (!(error instanceof Error)) return undefined
  const [, number] = /SSL alert number (\d+)/.exec(error.message) ?? []
  return number === undefined ? undefined : tlsAlert(Number(number))
}
