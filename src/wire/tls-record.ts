/**
 * What can be told from the first octets that came back where TLS was expected: whether they are TLS at all, which
 * alert they carry, and, before encryption begins, what the server showed of itself (RFC 5246 §6.2 and §7, RFC 8446
 * §5 and §6). Any octets give a value; nothing here throws.
 */

/** The alert that an end sent, by its number and its name in the TLS Alerts registry. */
export interface TlsAlert {
  readonly number: number
  readonly name: string
  /** Sent at the level of a warning, which lets the handshake go on (RFC 5246 §7.2); a closure alert is none. */
  readonly warning?: true
}

/** What a server's first flight shows in the clear: all of it up to TLS 1.2, the hello alone in TLS 1.3. */
export interface ServerFlight {
  /** The first fatal alert, or else the first warning: a warning ends nothing. */
  readonly alert?: TlsAlert
  /** DER of each certificate, as sent: the leaf first. Empty from TLS 1.3 on, where they are encrypted. */
  readonly certificates: readonly Uint8Array[]
  /** A CertificateRequest was seen (RFC 5246 §7.4.4); false says nothing from TLS 1.3 on. */
  readonly clientCertificateRequested: boolean
}

const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const
const handshakeType = { certificate: 11, certificateRequest: 13 } as const
const recordHeaderLength = 5
const handshakeHeaderLength = 4
/** RFC 5246 §6.2.3 lets a protected record be 2^14 + 2048 octets long; longer lengths are no TLS. */
const longestRecord = 2 ** 14 + 2048

/** IANA "TLS Alerts" with the numbers that older versions used, under the names of RFC 8446 §6 where it has them. */
const alertNames: Readonly<Record<number, string>> = Object.freeze({
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
  121: 'ech_required',
})

/** An alert by its number; one that is in no table is called by its number alone. */
export function tlsAlert(number: number): TlsAlert {
  return { number, name: alertNames[number] ?? `alert_${number}` }
}

/** Whether octets can be the beginning of a TLS record; as few as one octet are judged by what is there. */
export function isTlsRecord(octets: Uint8Array): boolean {
  const [type, major, minor, high, low] = octets
  if (type === undefined || type < contentType.changeCipherSpec || type > contentType.heartbeat) return false
  if (major !== undefined && major !== 3) return false
  if (minor !== undefined && minor > 4) return false
  return high === undefined || low === undefined || high * 256 + low <= longestRecord
}

/**
 * Reads what a server sent in the clear from the start of its answer; stops where encryption begins, where the octets
 * end, or where they are no TLS.
 */
export function readServerFlight(octets: Uint8Array): ServerFlight {
  const payloads: Uint8Array[] = []
  let alert: TlsAlert | undefined
  let offset = 0
  while (isTlsRecord(octets.subarray(offset)) && octets.length - offset > recordHeaderLength) {
    const type = octets[offset]
    const length = readUint(octets, offset + 3, 2)
    const payload = octets.subarray(offset + recordHeaderLength, offset + recordHeaderLength + length)
    offset += recordHeaderLength + length
    if (type === contentType.handshake) payloads.push(payload)
    else if (type !== contentType.alert) break
    else if (payload.length === 2) alert = firstThatCounts(alert, readAlert(payload))
  }
  const messages = handshakeMessages(payloads)
  return {
    ...(alert !== undefined && { alert }),
    certificates: messages.filter(({ type }) => type === handshakeType.certificate).flatMap(certificateList),
    clientCertificateRequested: messages.some(({ type }) => type === handshakeType.certificateRequest),
  }
}

const warningLevel = 1
const closeNotify = 0

/** An alert of two octets, its level and its number. */
function readAlert([level, number = 0]: Uint8Array): TlsAlert {
  return { ...tlsAlert(number), ...(level === warningLevel && number !== closeNotify && { warning: true }) }
}

function firstThatCounts(first: TlsAlert | undefined, next: TlsAlert): TlsAlert {
  return first === undefined || (first.warning === true && next.warning !== true) ? next : first
}

interface HandshakeMessage {
  readonly type: number
  readonly body: Uint8Array
}

/** Handshake messages span records and share them: they are read from the payloads put together. */
function handshakeMessages(payloads: readonly Uint8Array[]): readonly HandshakeMessage[] {
  const octets = join(payloads)
  const messages: HandshakeMessage[] = []
  let offset = 0
  while (octets.length - offset >= handshakeHeaderLength) {
    const from = offset + handshakeHeaderLength
    const to = from + readUint(octets, offset + 1, 3)
    if (to > octets.length) break
    messages.push({ type: octets[offset] ?? 0, body: octets.subarray(from, to) })
    offset = to
  }
  return messages
}

/** The certificates of a Certificate message (RFC 5246 §7.4.2), as many as are whole. */
function certificateList({ body }: HandshakeMessage): readonly Uint8Array[] {
  const certificates: Uint8Array[] = []
  let offset = 3
  while (body.length - offset > 3) {
    const from = offset + 3
    const to = from + readUint(body, offset, 3)
    if (to > body.length) break
    certificates.push(body.subarray(from, to))
    offset = to
  }
  return certificates
}

function readUint(octets: Uint8Array, offset: number, length: number): number {
  let value = 0
  for (const octet of octets.subarray(offset, offset + length)) value = value * 256 + octet
  return value
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
