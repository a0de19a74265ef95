import type { Revoked, Signed } from './crl.ts'
import { algorithmOf, revocationReason } from './crl.ts'
import type { Element } from './der.ts'
import { element, elements, encoded, objectIdentifier, tags, time } from './der.ts'

/** How a certificate is named to a responder (RFC 6960 §4.1.1): hashes by SHA-1, which is what responders are made for. */
export interface CertificateId {
  /** SHA-1 of the DER of the issuer's name. */
  readonly nameHash: Uint8Array
  /** SHA-1 of the bits of the issuer's public key. */
  readonly keyHash: Uint8Array
  /** Contents of the serial number's INTEGER. */
  readonly serial: Uint8Array
}

/** What a responder says of one certificate. */
export interface OcspState {
  readonly state: 'good' | 'revoked' | 'unknown'
  readonly revoked?: Revoked
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate?: number
}

export type OcspAnswer =
  | (Signed & {
      readonly kind: 'answer'
      /** What it says of the certificate that was asked for; absent when it speaks of others only. */
      readonly about?: OcspState
      /** Certificates that came with it, DER: a responder's own, issued by the CA that it speaks for. */
      readonly certificates: readonly Uint8Array[]
    })
  /** The responder's own refusal (RFC 6960 §4.2.1). */
  | { readonly kind: 'refused'; readonly reason: string }

/** id-sha1, 1.3.14.3.2.26, as an AlgorithmIdentifier with its NULL. */
const sha1 = Uint8Array.of(0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00)
const sha1Identifier = '1.3.14.3.2.26'
const basicResponse = '1.3.6.1.5.5.7.48.1.1'
/** Answers have one to three KiB, the responder's certificate included. */
export const maxOcspOctets = 65_536
const mostCertificates = 8

/** OCSPResponseStatus (RFC 6960 §4.2.1), by its number; 0 is `successful`. */
const refusals = [undefined, 'malformedRequest', 'internalError', 'tryLater', undefined, 'sigRequired', 'unauthorized']

/** CertStatus is a choice of implicit tags. */
const status = { good: 0x80, revoked: tags.context(1), unknown: 0x82 } as const

/** A request for one certificate, without nonce and signature: what responders may answer from a cache (RFC 5019). */
export function ocspRequest({ nameHash, keyHash, serial }: CertificateId): Uint8Array {
  const certificate = encoded(
    tags.sequence,
    sha1,
    encoded(tags.octetString, nameHash),
    encoded(tags.octetString, keyHash),
    encoded(tags.integer, serial),
  )
  const list = encoded(tags.sequence, encoded(tags.sequence, certificate))
  return encoded(tags.sequence, encoded(tags.sequence, list))
}

/**
 * Opens an answer; who signed it is for the caller to find out. Never throws.
 *
 * @returns undefined when the octets are no answer, or more than {@link maxOcspOctets}
 */
export function readOcspAnswer(octets: Uint8Array, asked: CertificateId): OcspAnswer | undefined {
  const outer = element(octets, 0, octets.length)
  if (octets.length > maxOcspOctets || outer?.tag !== tags.sequence) return undefined
  const [code, wrapper] = elements(octets, outer.from, outer.to)
  if (code?.tag !== tags.enumerated || code.to !== code.from + 1) return undefined
  const number = octets[code.from] ?? 0
  if (number !== 0) return { kind: 'refused', reason: refusals[number] ?? `status ${number}` }
  const basic = basicOf(octets, wrapper)
  if (basic === undefined) return undefined
  const [data, algorithm, signature, certificates] = elements(octets, basic.from, basic.to)
  const signedBy = algorithm && algorithmOf(octets, algorithm)
  if (data?.tag !== tags.sequence || signedBy === undefined || signature?.tag !== tags.bitString) return undefined
  // version, where it is there, who answers, and when.
  const responses = [...elements(octets, data.from, data.to)].find(({ tag }) => tag === tags.sequence)
  if (responses === undefined) return undefined
  const about = aboutIn(octets, responses, asked)
  return {
    kind: 'answer',
    signed: octets.subarray(data.start, data.to),
    ...signedBy,
    // The first octet counts the bits that are not used: none in a signature.
    signature: octets.subarray(signature.from + 1, signature.to),
    ...(about !== undefined && { about }),
    certificates: certificatesIn(octets, certificates),
  }
}

/** The BasicOCSPResponse inside: the one kind of answer that there is (RFC 6960 §4.2.1). */
function basicOf(octets: Uint8Array, wrapper: Element | undefined): Element | undefined {
  const bytes = wrapper && element(octets, wrapper.from, wrapper.to)
  if (bytes?.tag !== tags.sequence) return undefined
  const [type, response] = elements(octets, bytes.from, bytes.to)
  if (type?.tag !== tags.objectIdentifier || response?.tag !== tags.octetString) return undefined
  if (objectIdentifier(octets, type) !== basicResponse) return undefined
  const basic = element(octets, response.from, response.to)
  return basic?.tag === tags.sequence ? basic : undefined
}

function aboutIn(octets: Uint8Array, responses: Element, asked: CertificateId): OcspState | undefined {
  for (const response of elements(octets, responses.from, responses.to)) {
    const [id, state, from, until] = elements(octets, response.from, response.to)
    if (id === undefined || state === undefined || from === undefined || !isAsked(octets, id, asked)) continue
    const thisUpdate = time(octets, from)
    const judged = stateOf(octets, state)
    const next = until?.tag === tags.context(0) ? element(octets, until.from, until.to) : undefined
    const nextUpdate = next && time(octets, next)
    if (thisUpdate === undefined || judged === undefined || (next !== undefined && nextUpdate === undefined)) continue
    return { ...judged, thisUpdate, ...(nextUpdate !== undefined && { nextUpdate }) }
  }
  return undefined
}

function stateOf(octets: Uint8Array, { tag, from, to }: Element): Pick<OcspState, 'state' | 'revoked'> | undefined {
  if (tag === status.good) return { state: 'good' }
  if (tag === status.unknown) return { state: 'unknown' }
  const [since, why] = elements(octets, from, to)
  const at = since && time(octets, since)
  if (tag !== status.revoked || at === undefined) return undefined
  const code = why && element(octets, why.from, why.to)
  const reason = code?.tag === tags.enumerated ? revocationReason(octets[code.from] ?? 0) : undefined
  return { state: 'revoked', revoked: { at, ...(reason !== undefined && { reason }) } }
}

function isAsked(octets: Uint8Array, { from, to }: Element, asked: CertificateId): boolean {
  const [algorithm, nameHash, keyHash, serial] = elements(octets, from, to)
  const hash = algorithm && algorithmOf(octets, algorithm)
  const is = (part: Element | undefined, wanted: Uint8Array): boolean =>
    part !== undefined && isSame(octets.subarray(part.from, part.to), wanted)
  return (
    hash?.algorithm === sha1Identifier &&
    is(nameHash, asked.nameHash) &&
    is(keyHash, asked.keyHash) &&
    is(serial, asked.serial)
  )
}

function certificatesIn(octets: Uint8Array, wrapper: Element | undefined): readonly Uint8Array[] {
  const list = wrapper?.tag === tags.context(0) ? element(octets, wrapper.from, wrapper.to) : undefined
  if (list === undefined) return []
  return [...elements(octets, list.from, list.to)]
    .slice(0, mostCertificates)
    .map(({ start, to }) => octets.subarray(start, to))
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index])
}
