import type { AnswerLength } from './answerLength.ts'
import { badLength, badOctet, isNoAnswer, noAnswer } from './answerLength.ts'
import type { Element } from './der.ts'
import { element, elements, encoded, encodedInteger, integer, tags } from './der.ts'
import { printableUtf8 } from './printable-octets.ts'

/**
 * The few messages of LDAP (RFC 4511) that an anonymous client needs: a search at the root of the directory, StartTLS,
 * and the good-bye. The same octets go over TCP, over TLS, and one message a datagram over UDP (MS-ADTS §6.3.3).
 *
 * A request carries a number that the client picks, 1 to 2147483647, other than 0 and of no other request on the same
 * connection; what answers it carries the same one.
 */

/** The filters that are written here (RFC 4511 §4.5.1.7). */
export type LdapFilter =
  | { readonly present: string }
  | { readonly attribute: string; readonly equals: Uint8Array }
  | { readonly and: readonly LdapFilter[] }

/** How an operation ended (RFC 4511 §4.1.9). */
export interface LdapResult {
  /** 0 is success. */
  readonly code: number
  /** Its name in RFC 4511 §A.1, such as `operationsError`; the number for one that has none. */
  readonly name: string
  /** The server's own words, cut to 300 octets; mostly empty. */
  readonly message: string
}

/** An entry, as much of it as is kept: 64 attributes, and 64 values of each. */
export interface LdapEntry {
  /** Its distinguished name; empty at the root. */
  readonly name: string
  /** Values, parts of the octets that were read, by the attribute's name in lower case. Of an attribute that comes twice the first. */
  readonly attributes: ReadonlyMap<string, readonly Uint8Array[]>
}

/** What octets are as the answer to a request. `length` is how many of them belong to it. */
export type LdapAnswer =
  /** Sound so far; its end is yet to come. `others`: messages that carry another number. */
  | { readonly kind: 'incomplete'; readonly others: number }
  /** The end of a search; `entry` is absent when it found none. */
  | { readonly kind: 'search'; readonly entry?: LdapEntry; readonly result: LdapResult; readonly length: number }
  | { readonly kind: 'extended'; readonly result: LdapResult; readonly length: number }
  /** The server hangs up, and says why (Notice of Disconnection, RFC 4511 §4.4.1). */
  | { readonly kind: 'disconnected'; readonly result: LdapResult; readonly length: number }
  /** No LDAP, or none that may answer this. */
  | { readonly kind: 'other'; readonly why: string }

/** What a domain controller says of itself has one or two KiB. */
export const maxLdapAnswerOctets = 262_144
/** An entry and its end are two. */
const mostMessages = 16
const mostAttributes = 64
const mostValues = 64
const mostTextOctets = 300
/** Of a distinguished name. */
const mostNameOctets = 1024

const startTls = '1.3.6.1.4.1.1466.20037'
const noticeOfDisconnection = '1.3.6.1.4.1.1466.20036'

/** Operations (RFC 4511 §4.2 to 4.14): `[APPLICATION n]`. */
const operation = {
  /** Primitive: a NULL. */
  unbindRequest: 0x42,
  searchRequest: tags.application(3),
  searchResultEntry: tags.application(4),
  searchResultDone: tags.application(5),
  searchResultReference: tags.application(19),
  extendedRequest: tags.application(23),
  extendedResponse: tags.application(24),
  intermediateResponse: tags.application(25),
} as const

/** `[0]` of an ExtendedRequest, `[10]` of its answer: the object identifier, in text. */
const extendedName = { request: 0x80, response: 0x8a } as const
/** Those of a result, a referral, a name and a value. */
const extendedParts = 6
const filterTag = { and: tags.context(0), equalityMatch: tags.context(3), present: 0x87 } as const

/** resultCode (RFC 4511 §A.1), those that a search or StartTLS may end with. */
const resultNames: ReadonlyMap<number, string> = new Map([
  [0, 'success'],
  [1, 'operationsError'],
  [2, 'protocolError'],
  [3, 'timeLimitExceeded'],
  [4, 'sizeLimitExceeded'],
  [7, 'authMethodNotSupported'],
  [8, 'strongerAuthRequired'],
  [10, 'referral'],
  [11, 'adminLimitExceeded'],
  [12, 'unavailableCriticalExtension'],
  [13, 'confidentialityRequired'],
  [16, 'noSuchAttribute'],
  [17, 'undefinedAttributeType'],
  [18, 'inappropriateMatching'],
  [21, 'invalidAttributeSyntax'],
  [32, 'noSuchObject'],
  [33, 'aliasProblem'],
  [34, 'invalidDNSyntax'],
  [36, 'aliasDereferencingProblem'],
  [48, 'inappropriateAuthentication'],
  [49, 'invalidCredentials'],
  [50, 'insufficientAccessRights'],
  [51, 'busy'],
  [52, 'unavailable'],
  [53, 'unwillingToPerform'],
  [54, 'loopDetect'],
  [80, 'other'],
])

/** A search of the one entry at the root (base `""`, scope base), for the attributes that are named. */
export function ldapRootSearch(messageId: number, filter: LdapFilter, attributes: readonly string[]): Uint8Array {
  return message(
    messageId,
    encoded(
      operation.searchRequest,
      encoded(tags.octetString),
      // baseObject; aliases are never followed; no limit of size or time; values too.
      encoded(tags.enumerated, Uint8Array.of(0)),
      encoded(tags.enumerated, Uint8Array.of(0)),
      encodedInteger(0),
      encodedInteger(0),
      encoded(boolean, Uint8Array.of(0)),
      filterOctets(filter),
      encoded(tags.sequence, ...attributes.map(string)),
    ),
  )
}

/** Asks for TLS on this connection (RFC 4511 §4.14.1); it begins behind an answer with result 0. */
export function startTlsRequest(messageId: number): Uint8Array {
  return message(messageId, encoded(operation.extendedRequest, encoded(extendedName.request, textOctets(startTls))))
}

/** The good-bye (RFC 4511 §4.3), which is not answered: the connection is closed behind it. */
export function unbindRequest(messageId: number): Uint8Array {
  return message(messageId, encoded(operation.unbindRequest))
}

/**
 * How long the message is that begins with these octets.
 *
 * @returns octets of the whole message; no answer as soon as it is no LDAP, or more than {@link maxLdapAnswerOctets}
 */
export function lengthOfLdapMessage(octets: Uint8Array): AnswerLength {
  const [tag, first] = octets
  if (tag !== undefined && tag !== tags.sequence) return badOctet('no LDAP message: it begins with', tag, tags.sequence)
  if (first === undefined) return undefined
  // Without an end everything is an element that has a length at all; its octets may not all be there.
  const whole = element(octets, 0, Number.POSITIVE_INFINITY)
  if (whole === undefined) return noAnswer('no LDAP message: the length is none')
  if (whole.from > octets.length) return undefined
  // The shortest has a number of one octet and an operation without contents.
  const length = whole.to - whole.from
  if (length < 5) return badLength(length, 'too short for an LDAP message')
  if (whole.to > maxLdapAnswerOctets) return noAnswer(`a message of ${whole.to} octets is over ${maxLdapAnswerOctets}`)
  const [idTag, idLength] = octets.subarray(whole.from)
  if (idTag !== undefined && idTag !== tags.integer) {
    return badOctet('no LDAP message: its number begins with', idTag, tags.integer)
  }
  if (idLength === undefined || (idLength > 0 && idLength <= 4)) return whole.to
  return noAnswer(`no LDAP message: its number has ${idLength} octets`)
}

/**
 * Reads the answer to a request out of what came so far. May be asked again with more octets as long as it says
 * `incomplete`. Messages that carry another number are passed over, as are references to other servers.
 */
export function readLdapAnswer(octets: Uint8Array, messageId: number): LdapAnswer {
  let at = 0
  let found: Element | undefined
  let others = 0
  for (let count = 0; count < mostMessages; count += 1) {
    const length = lengthOfLdapMessage(octets.subarray(at))
    if (isNoAnswer(length)) {
      return { kind: 'other', why: at === 0 ? length.why : `${length.why}, behind the first message` }
    }
    if (length !== undefined && at + length > maxLdapAnswerOctets) {
      return { kind: 'other', why: `an answer of more than ${maxLdapAnswerOctets} octets` }
    }
    if (length === undefined || at + length > octets.length) return { kind: 'incomplete', others }
    const one = openMessage(octets, at, at + length)
    if (one === undefined) return { kind: 'other', why: 'an LDAP message without number or operation' }
    at += length
    const { id, body } = one
    if (id === 0 && isNotice(octets, body)) {
      const result = resultOf(octets, body)
      return result === undefined ? unreadable(body) : { kind: 'disconnected', result, length: at }
    }
    if (id !== messageId) {
      others += 1
      continue
    }
    switch (body.tag) {
      case operation.searchResultEntry:
        found ??= body
        break
      case operation.searchResultReference:
      case operation.intermediateResponse:
        break
      case operation.searchResultDone: {
        const result = resultOf(octets, body)
        const entry = found && entryOf(octets, found)
        if (result === undefined || (found !== undefined && entry === undefined)) return unreadable(found ?? body)
        return { kind: 'search', ...(entry !== undefined && { entry }), result, length: at }
      }
      case operation.extendedResponse: {
        const result = resultOf(octets, body)
        return result === undefined ? unreadable(body) : { kind: 'extended', result, length: at }
      }
      default:
        return { kind: 'other', why: `an LDAP message of another kind (0x${body.tag.toString(16)})` }
    }
  }
  return { kind: 'other', why: `no end within ${mostMessages} messages` }
}

/** The text of an attribute's first value, cut to so many octets; undefined where there is none, or an empty one. */
export function firstText({ attributes }: LdapEntry, attribute: string, limit: number): string | undefined {
  const [value] = attributes.get(attribute.toLowerCase()) ?? []
  return value === undefined || value.length === 0 ? undefined : printableUtf8(value, limit)
}

/** The texts of an attribute's values, each cut to so many octets. */
export function allTexts({ attributes }: LdapEntry, attribute: string, limit: number): readonly string[] {
  return (attributes.get(attribute.toLowerCase()) ?? []).map((value) => printableUtf8(value, limit))
}

const boolean = 0x01
const textOctets = (text: string): Uint8Array => new TextEncoder().encode(text)
const string = (text: string): Uint8Array => encoded(tags.octetString, textOctets(text))

/** @throws RangeError when the number cannot be a request's (RFC 4511 §4.1.1.1) */
function message(messageId: number, body: Uint8Array): Uint8Array {
  if (!Number.isInteger(messageId) || messageId < 1 || messageId > 0x7fff_ffff) {
    throw new RangeError(`a message number is 1 to 2147483647, not ${messageId}`)
  }
  return encoded(tags.sequence, encodedInteger(messageId), body)
}

function filterOctets(filter: LdapFilter): Uint8Array {
  if ('present' in filter) return encoded(filterTag.present, textOctets(filter.present))
  if ('and' in filter) return encoded(filterTag.and, ...filter.and.map(filterOctets))
  return encoded(filterTag.equalityMatch, string(filter.attribute), encoded(tags.octetString, filter.equals))
}

/** The number and the operation of the message that lies between two places; controls behind them are not looked at. */
function openMessage(
  octets: Uint8Array,
  from: number,
  to: number,
): { readonly id: number; readonly body: Element } | undefined {
  const whole = element(octets, from, to)
  const number = whole && element(octets, whole.from, whole.to)
  const body = number && element(octets, number.to, whole.to)
  const id = number?.tag === tags.integer ? integer(octets, number) : undefined
  return id === undefined || body === undefined ? undefined : { id, body }
}

/** COMPONENTS OF LDAPResult: resultCode, matchedDN, diagnosticMessage. */
function resultOf(octets: Uint8Array, { from, to }: Element): LdapResult | undefined {
  const [resultCode, matched, words] = elements(octets, from, to)
  const code = resultCode?.tag === tags.enumerated ? integer(octets, resultCode) : undefined
  if (code === undefined || matched?.tag !== tags.octetString || words?.tag !== tags.octetString) return undefined
  // Active Directory ends its words as C does.
  const said = octets.subarray(
    words.from,
    octets[words.to - 1] === 0 && words.to > words.from ? words.to - 1 : words.to,
  )
  return { code, name: resultNames.get(code) ?? `${code}`, message: printableUtf8(said, mostTextOctets).trim() }
}

function isNotice(octets: Uint8Array, { tag, from, to }: Element): boolean {
  if (tag !== operation.extendedResponse) return false
  const name = elements(octets, from, to)
    .take(extendedParts)
    .find((each) => each.tag === extendedName.response)
  return name !== undefined && printableUtf8(octets.subarray(name.from, name.to), 64) === noticeOfDisconnection
}

function entryOf(octets: Uint8Array, { from, to }: Element): LdapEntry | undefined {
  const [name, list] = elements(octets, from, to)
  if (name?.tag !== tags.octetString || list?.tag !== tags.sequence) return undefined
  const attributes = new Map<string, readonly Uint8Array[]>()
  for (const attribute of elements(octets, list.from, list.to).take(mostAttributes)) {
    const [type, values] = elements(octets, attribute.from, attribute.to).take(2)
    if (type?.tag !== tags.octetString || values?.tag !== tags.set) continue
    const key = printableUtf8(octets.subarray(type.from, type.to), mostTextOctets).toLowerCase()
    if (attributes.has(key)) continue
    const kept = elements(octets, values.from, values.to).take(mostValues)
    attributes.set(key, [...kept.map((value) => octets.subarray(value.from, value.to))])
  }
  return { name: printableUtf8(octets.subarray(name.from, name.to), mostNameOctets), attributes }
}

function unreadable({ tag }: Element): LdapAnswer {
  return { kind: 'other', why: `an LDAP message that cannot be read (0x${tag.toString(16)})` }
}
