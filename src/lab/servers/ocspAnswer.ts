import type { webcrypto } from 'node:crypto'
import { KeyObject, sign } from 'node:crypto'
import type { Element } from '../../wire/der.ts'
import { element, elements, encoded, tags } from '../../wire/der.ts'

/** What a responder says, and how it says it. */
export interface OcspWish {
  /** The state of the certificate that is asked for, by its serial number in lower-case hexadecimal. */
  readonly revokedAt: (serial: string) => number | undefined
  /** Answers for the certificate with the next number instead. */
  readonly aboutAnother: boolean
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** An ECDSA key on P-256. */
  readonly key: webcrypto.CryptoKey
  /** SHA-1 of the bits of the responder's public key, which names it. */
  readonly keyHash: Uint8Array
}

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 */
const signatureAlgorithm = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)
/** id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1 */
const basicResponse = Uint8Array.of(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01)
const successful = encoded(tags.enumerated, Uint8Array.of(0))
const good = Uint8Array.of(0x80, 0)

/**
 * A responder's signed answer (RFC 6960 §4.2.1) to a request as it came.
 *
 * @returns undefined when the octets are no request
 */
export function ocspAnswer(request: Uint8Array, wish: OcspWish): Uint8Array | undefined {
  const id = certificateAsked(request)
  const number = id && [...elements(request, id.from, id.to)].at(-1)
  if (id === undefined || number?.tag !== tags.integer) return undefined
  const serial = Buffer.from(request.subarray(number.from, number.to))
    .toString('hex')
    .replace(/^0+(?=.)/, '')
  const at = wish.revokedAt(serial)
  const about = Uint8Array.from(request.subarray(id.start, id.to))
  // The serial number ends the identifier: its last bit makes it that of another certificate.
  if (wish.aboutAnother) about[about.length - 1] = (about.at(-1) ?? 0) ^ 1
  const response = encoded(
    tags.sequence,
    about,
    at === undefined ? good : encoded(tags.context(1), timeOf(at)),
    timeOf(wish.thisUpdate),
    encoded(tags.context(0), timeOf(wish.nextUpdate)),
  )
  const signed = encoded(
    tags.sequence,
    encoded(tags.context(2), encoded(tags.octetString, wish.keyHash)),
    timeOf(wish.thisUpdate),
    encoded(tags.sequence, response),
  )
  const basic = encoded(
    tags.sequence,
    signed,
    encoded(tags.sequence, encoded(tags.objectIdentifier, signatureAlgorithm)),
    encoded(tags.bitString, Uint8Array.of(0), sign('sha256', signed, KeyObject.from(wish.key))),
  )
  const answer = encoded(tags.sequence, encoded(tags.objectIdentifier, basicResponse), encoded(tags.octetString, basic))
  return encoded(tags.sequence, successful, encoded(tags.context(0), answer))
}

/** The CertID of the first question (RFC 6960 §4.1.1), four sequences below the outermost. */
function certificateAsked(request: Uint8Array): Element | undefined {
  let inner: Element | undefined = element(request, 0, request.length)
  for (let depth = 0; depth < 4 && inner?.tag === tags.sequence; depth += 1) {
    inner = [...elements(request, inner.from, inner.to)].find(({ tag }) => tag === tags.sequence)
  }
  return inner?.tag === tags.sequence ? inner : undefined
}

/** GeneralizedTime to the second (RFC 5280 §4.1.2.5.2). */
function timeOf(ms: number): Uint8Array {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')
  return encoded(tags.generalizedTime, Buffer.from(text, 'latin1'))
}
