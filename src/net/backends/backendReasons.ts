/** Why a request was not answered by a backend, with the status that the client is sent instead: a closed list. */
export const backendReasons = {
  'no-server-well': [503, 'no server of the backend is well'],
  busy: [503, 'all connections to the backend are taken'],
  'connect-refused': [502, 'the server refused the connection'],
  'connect-failed': [502, 'the server was not reached: its name, or the way to it'],
  'connect-timeout': [504, 'the server did not take the connection in time'],
  'tls-name': [502, 'the certificate of the server is for another name'],
  'tls-expired': [502, 'the certificate of the server is out of its dates'],
  'tls-untrusted': [502, 'the certificate of the server is of no CA that is trusted'],
  'tls-failed': [502, 'the server and the gate agreed on no TLS'],
  'connection-lost': [502, 'the server closed the connection before its answer was whole'],
  'answer-timeout': [504, 'the head of the answer took too long'],
  'answer-stalled': [504, 'the answer stopped in its midst'],
  'bad-answer': [502, 'what the server sent is no answer that has one meaning'],
  'answer-head-too-large': [502, 'the header fields of the answer were too large'],
  'not-switched': [502, 'the server switched to WebSocket without the proof that it meant this request'],
  unsendable: [400, 'the request cannot be written so that it has one meaning'],
  'not-websocket': [400, 'no other protocol than WebSocket is forwarded'],
  'body-too-large': [413, 'the body of the request is larger than the gate takes'],
  'body-stalled': [408, 'the body of the request stopped in its midst'],
  'client-gone': [499, 'the client went away'],
  'client-stalled': [499, 'the client did not take the answer'],
  silent: [504, 'both ends of the WebSocket were silent for too long'],
  ended: [503, 'the session ended, or the gate did'],
} as const satisfies Readonly<Record<string, readonly [status: number, words: string]>>

export type BackendReason = keyof typeof backendReasons

/** Counts against the server: it, or the way to it, is at fault. */
export function isServersFault(reason: BackendReason): boolean {
  const [status] = backendReasons[reason]
  return (status === 502 || status === 504) && reason !== 'not-switched' && reason !== 'silent'
}

const byCode: Readonly<Record<string, BackendReason>> = {
  ECONNREFUSED: 'connect-refused',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ETIMEDOUT: 'connect-timeout',
  ENOTFOUND: 'connect-failed',
  EAI_AGAIN: 'connect-failed',
  EHOSTUNREACH: 'connect-failed',
  ENETUNREACH: 'connect-failed',
  EADDRNOTAVAIL: 'connect-failed',
  EADDRINUSE: 'connect-failed',
  EMFILE: 'connect-failed',
  ENFILE: 'connect-failed',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  UND_ERR_HEADERS_TIMEOUT: 'answer-timeout',
  UND_ERR_BODY_TIMEOUT: 'answer-stalled',
  UND_ERR_HEADERS_OVERFLOW: 'answer-head-too-large',
  UND_ERR_SOCKET: 'connection-lost',
  UND_ERR_INVALID_ARG: 'unsendable',
  UND_ERR_NOT_SUPPORTED: 'unsendable',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'client-gone',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection-lost',
  UND_ERR_DESTROYED: 'ended',
  UND_ERR_CLOSED: 'ended',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-name',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  CERT_SIGNATURE_FAILURE: 'tls-untrusted',
  CERT_UNTRUSTED: 'tls-untrusted',
  CERT_REJECTED: 'tls-untrusted',
  INVALID_CA: 'tls-untrusted',
  INVALID_PURPOSE: 'tls-untrusted',
  PATH_LENGTH_EXCEEDED: 'tls-untrusted',
}

/** An end that is known by its reason already, on its way through a library that only takes errors. */
export class Ended extends Error {
  readonly reason: BackendReason

  constructor(reason: BackendReason) {
    super(backendReasons[reason][1])
    this.reason = reason
  }
}

/**
 * The reason behind an error of the platform or of the client library; its text is never told to anybody.
 *
 * @param connected whether the connection was made before: a reset while it is made is another thing
 */
export function backendReasonOf(error: unknown, connected: boolean): BackendReason {
  if (error instanceof Ended) return error.reason
  const code = codeOf(error)
  if (code.startsWith('HPE_')) return 'bad-answer'
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code) && byCode[code] === undefined) return 'tls-failed'
  const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined
  if (!connected && (known === undefined || known === 'connection-lost')) return 'connect-failed'
  // The library resets a connection over which more came than was asked for by errors without a code of their own.
  return known ?? 'bad-answer'
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors.at(-1))
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
