import type { Element } from './der.ts'
import { element, elements, objectIdentifier, octetsOfHex, tags, time } from './der.ts'

/** The signature under a list or an answer, and the octets that it stands under. */
export interface Signed {
  readonly signed: Uint8Array
  /** OBJECT IDENTIFIER of the signature algorithm, dotted. */
  readonly algorithm: string
  /** DER of the algorithm's parameters; empty where it has none. */
  readonly parameters: Uint8Array
  readonly signature: Uint8Array
}

/** Why a certificate was revoked (RFC 5280 §5.3.1), by its number. */
const reasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const

/** The word for a CRLReason; undefined for a number that RFC 5280 does not have. */
export function revocationReason(code: number): string | undefined {
  return reasons[code]
}

export interface Revoked {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason?: string
}

/** A certificate revocation list (RFC 5280 §5.1), opened and not taken apart. */
export interface RevocationList extends Signed {
  /** DER of the issuer's name, to be held against the name of the certificate's issuer. */
  readonly issuer: Uint8Array
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate?: number
  /** Names only what changed since another list: by itself it says nothing of a certificate that it does not name. */
  readonly delta: boolean
  /** Octets of the list's own entries. */
  readonly entryOctets: number
  /**
   * Looks one certificate up, by walking the list in place.
   *
   * @param serial lower-case hexadecimal without leading zeros
   */
  find(serial: string): Revoked | undefined
}

const deltaIndicator = '2.5.29.27'
const reasonCode = '2.5.29.21'

/**
 * Opens a list. Never throws; takes no memory beyond the octets, however many entries there are.
 *
 * @returns undefined when the octets are no list
 */
export function readRevocationList(octets: Uint8Array): RevocationList | undefined {
  const outer = element(octets, 0, octets.length)
  if (outer?.tag !== tags.sequence) return undefined
  const [list, algorithm, signature] = elements(octets, outer.from, outer.to)
  if (list?.tag !== tags.sequence || signature?.tag !== tags.bitString) return undefined
  const signedBy = algorithm && algorithmOf(octets, algorithm)
  if (signedBy === undefined) return undefined

  let next = element(octets, list.from, list.to)
  const take = (isWanted: (tag: number) => boolean): Element | undefined => {
    if (next === undefined || !isWanted(next.tag)) return undefined
    const taken = next
    next = element(octets, taken.to, list.to)
    return taken
  }
  const isSequence = (tag: number): boolean => tag === tags.sequence
  const isTime = (tag: number): boolean => tag === tags.utcTime || tag === tags.generalizedTime
  take((tag) => tag === tags.integer)
  const inner = take(isSequence)
  const issuer = take(isSequence)
  const from = take(isTime)
  const until = take(isTime)
  const entries = take(isSequence)
  const extensions = take((tag) => tag === tags.context(0))
  const thisUpdate = from && time(octets, from)
  const nextUpdate = until && time(octets, until)
  if (inner === undefined || issuer === undefined || thisUpdate === undefined) return undefined
  if (until !== undefined && nextUpdate === undefined) return undefined
  return {
    signed: octets.subarray(list.start, list.to),
    ...signedBy,
    // The first octet counts the bits that are not used: none in a signature.
    signature: octets.subarray(signature.from + 1, signature.to),
    issuer: octets.subarray(issuer.start, issuer.to),
    thisUpdate,
    ...(nextUpdate !== undefined && { nextUpdate }),
    delta: extensions !== undefined && namesExtension(octets, extensions, deltaIndicator),
    entryOctets: entries === undefined ? 0 : entries.to - entries.from,
    find: (serial) => (entries === undefined ? undefined : findIn(octets, entries, serial)),
  }
}

/** The object identifier of an AlgorithmIdentifier (RFC 5280 §4.1.1.2), and its parameters as they stand. */
export function algorithmOf(
  octets: Uint8Array,
  { tag, from, to }: Element,
): Pick<Signed, 'algorithm' | 'parameters'> | undefined {
  const identifier = element(octets, from, to)
  if (tag !== tags.sequence || identifier?.tag !== tags.objectIdentifier) return undefined
  return { algorithm: objectIdentifier(octets, identifier), parameters: octets.subarray(identifier.to, to) }
}

function findIn(octets: Uint8Array, entries: Element, serial: string): Revoked | undefined {
  const wanted = octetsOfHex(serial)
  for (const entry of elements(octets, entries.from, entries.to)) {
    const number = element(octets, entry.from, entry.to)
    if (number?.tag !== tags.integer || !isNumber(octets, number, wanted)) continue
    const date = element(octets, number.to, entry.to)
    const at = date && time(octets, date)
    if (date === undefined || at === undefined) return undefined
    const extensions = element(octets, date.to, entry.to)
    const reason = extensions && reasonIn(octets, extensions)
    // A certificate that was put on hold and is free again stands in a delta list only.
    if (reason === 'removeFromCRL') return undefined
    return { at, ...(reason !== undefined && { reason }) }
  }
  return undefined
}

/** Octets are compared and no text is made: a list of a large CA has some hundred thousand entries. */
function isNumber(octets: Uint8Array, { from, to }: Element, wanted: Uint8Array): boolean {
  let start = from
  while (start < to - 1 && octets[start] === 0) start += 1
  if (to - start !== wanted.length) return false
  return wanted.every((octet, index) => octets[start + index] === octet)
}

function reasonIn(octets: Uint8Array, extensions: Element): string | undefined {
  for (const extension of elements(octets, extensions.from, extensions.to)) {
    const parts = [...elements(octets, extension.from, extension.to)]
    const [identifier] = parts
    const value = parts.at(-1)
    if (identifier === undefined || value?.tag !== tags.octetString) continue
    if (objectIdentifier(octets, identifier) !== reasonCode) continue
    const code = element(octets, value.from, value.to)
    return code?.tag === tags.enumerated ? revocationReason(octets[code.from] ?? 0) : undefined
  }
  return undefined
}

function namesExtension(octets: Uint8Array, wrapper: Element, wanted: string): boolean {
  const list = element(octets, wrapper.from, wrapper.to)
  if (list === undefined) return false
  for (const extension of elements(octets, list.from, list.to)) {
    const identifier = element(octets, extension.from, extension.to)
    if (identifier?.tag === tags.objectIdentifier && objectIdentifier(octets, identifier) === wanted) return true
  }
  return false
}
