import type { AnswerLength } from './answerLength.ts'
import { element, encodedInteger, tags } from './der.ts'
import type { KerberosError } from './kerberosError.ts'
import { readKerberosError } from './kerberosError.ts'
import {
  checkRealm,
  encryptedData,
  encryptionTypes,
  field,
  kerberosFlags,
  kerberosString,
  kerberosVersion,
  lengthOfPrefixed,
  message,
  messages,
  nameTypes,
  principalName,
  wordsOf,
} from './kerberosTypes.ts'

/**
 * The client's side of the password protocol of Kerberos (RFC 3244) as far as a probe goes: a request with a ticket that
 * nobody issued is refused, and the refusal tells the server's realm and clock. No password can be changed by it.
 */

/** What octets say as an answer to a request. */
export type KpasswdReply =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** A sound error of some other service of Kerberos. */
  | { readonly kind: 'not-ours'; readonly why: string; readonly error: KerberosError }
  | KpasswdRefusal
  /** The server took the ticket for one (AP-REP and KRB-PRIV): it is no server to trust a password to. */
  | { readonly kind: 'accepted' }

export interface KpasswdRefusal {
  readonly kind: 'refused'
  /**
   * Its realm is the server's own, whichever was asked about. It has no `name` where the server gave the code of the
   * result as that of the error, as Samba does: it then means nothing among the errors of Kerberos.
   */
  readonly error: KerberosError
  /** What e-data says, where the server sends any. */
  readonly result?: KpasswdResult
}

/** Result code of RFC 3244 §2, with words of the server's. */
export interface KpasswdResult {
  readonly code: number
  /** Such as `KRB5_KPASSWD_AUTHERROR`; absent when none is registered. */
  readonly name?: string
  readonly text: string
}

export interface KpasswdRequest {
  /** As Active Directory has it: the domain's name in upper case. */
  readonly realm: string
  /** {@link kpasswdRandomLength} random octets, which stand for all that is encrypted. */
  readonly random: Uint8Array
}

const service = ['kadmin', 'changepw'] as const
const headerLength = 6
/**
 * Version of the requests that RFC 3244 §2 is about, Microsoft's own. Servers also take 1, the older protocol, and answer
 * alike: what makes the two unlike is encrypted, and here nobody comes to read it.
 */
const requestVersion = 0xff80
const replyVersions: readonly number[] = [1, requestVersion]

/** No option of an AP-REQ (RFC 4120 §5.5.1), like MIT's kpasswd: a server answers with an AP-REP unasked. */
const noOptions = 0
/**
 * Octets of what is encrypted. MIT's kpasswd sent 947, 144 and 56 to Samba; with a shorter ticket the request, as long as
 * its realm has up to 100 octets, stays below the 1,232 that pass every path over UDP in one piece.
 */
const cipherLengths = { ticket: 640, authenticator: 144, priv: 128 } as const
export const kpasswdRandomLength = cipherLengths.ticket + cipherLengths.authenticator + cipherLengths.priv

const resultNames: ReadonlyMap<number, string> = new Map([
  [0, 'KRB5_KPASSWD_SUCCESS'],
  [1, 'KRB5_KPASSWD_MALFORMED'],
  [2, 'KRB5_KPASSWD_HARDERROR'],
  [3, 'KRB5_KPASSWD_AUTHERROR'],
  [4, 'KRB5_KPASSWD_SOFTERROR'],
  [5, 'KRB5_KPASSWD_ACCESSDENIED'],
  [6, 'KRB5_KPASSWD_BAD_VERSION'],
  [7, 'KRB5_KPASSWD_INITIAL_FLAG_NEEDED'],
])

/**
 * Writes a request, as it goes over UDP; over TCP its length stands before it once more, in four octets. It is well
 * formed throughout: to one that is not, servers are silent or close.
 *
 * @throws RangeError when the realm is empty or too long, or there are not as many random octets as it takes
 */
export function encodeKpasswdRequest({ realm, random }: KpasswdRequest): Uint8Array {
  checkRealm(realm)
  if (random.length !== kpasswdRandomLength) {
    throw new RangeError(`${kpasswdRandomLength} random octets are needed, not ${random.length}`)
  }
  const { ticket, authenticator } = cipherLengths
  const apRequest = message(
    messages.apRequest,
    field(0, encodedInteger(kerberosVersion)),
    field(1, encodedInteger(messages.apRequest)),
    field(2, kerberosFlags(noOptions)),
    field(3, ticketFor(realm, random.subarray(0, ticket))),
    field(4, encryptedData(encryptionTypes.aes256, random.subarray(ticket, ticket + authenticator))),
  )
  const priv = message(
    messages.priv,
    field(0, encodedInteger(kerberosVersion)),
    field(1, encodedInteger(messages.priv)),
    field(3, encryptedData(encryptionTypes.aes256, random.subarray(ticket + authenticator))),
  )
  const octets = new Uint8Array(headerLength + apRequest.length + priv.length)
  const view = new DataView(octets.buffer)
  view.setUint16(0, octets.length)
  view.setUint16(2, requestVersion)
  view.setUint16(4, apRequest.length)
  octets.set(apRequest, headerLength)
  octets.set(priv, headerLength + apRequest.length)
  return octets
}

/** A ticket (RFC 4120 §5.3) for the password service. It does not say by which key: the current one is meant. */
function ticketFor(realm: string, cipher: Uint8Array): Uint8Array {
  return message(
    messages.ticket,
    field(0, encodedInteger(kerberosVersion)),
    field(1, kerberosString(realm)),
    field(2, principalName(nameTypes.serviceInstance, ...service)),
    field(3, encryptedData(encryptionTypes.aes256, cipher)),
  )
}

/** How long an answer over TCP is, by the octets it begins with; see {@link lengthOfPrefixed}. */
export function lengthOfKpasswdReply(octets: Uint8Array): AnswerLength {
  return lengthOfPrefixed(octets, (reply, length) => {
    const header = [length >> 8, length & 0xff]
    const fits = isBareError(reply) || header.every((octet, at) => reply[at] === undefined || reply[at] === octet)
    return fits ? undefined : 'the length of RFC 3244 differs from that before it'
  })
}

/** Domain controllers of Windows may leave the header away when all they say is an error. */
function isBareError([first]: Uint8Array): boolean {
  return first === tags.application(messages.error)
}

/** Reads an answer, as it comes over UDP; over TCP the four octets of length are to be taken off. Never throws. */
export function decodeKpasswdReply(octets: Uint8Array): KpasswdReply {
  const unreadable = (why: string): KpasswdReply => ({ kind: 'unreadable', why })
  if (isBareError(octets)) return refusalIn(octets)
  if (octets.length < headerLength) return unreadable(`${octets.length} octets, a header has ${headerLength}`)
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const [length, version, apLength] = [view.getUint16(0), view.getUint16(2), view.getUint16(4)]
  if (length !== octets.length) return unreadable(`a length of ${length} before ${octets.length} octets`)
  if (!replyVersions.includes(version)) return unreadable(`version ${version}, an answer has 1`)
  if (apLength === 0) return refusalIn(octets.subarray(headerLength))
  const reply = element(octets, headerLength, headerLength + apLength)
  const isReply = reply?.tag === tags.application(messages.apReply) && reply.to === headerLength + apLength
  const priv = isReply ? element(octets, reply.to, octets.length) : undefined
  if (priv?.tag === tags.application(messages.priv)) return { kind: 'accepted' }
  return unreadable('neither a KRB-ERROR nor an AP-REP and a KRB-PRIV')
}

function refusalIn(octets: Uint8Array): KpasswdReply {
  const read = readKerberosError(octets)
  if (typeof read === 'string') return { kind: 'unreadable', why: read }
  const { error: said, data } = read
  const wanted = service.join('/')
  if (said.sname.toLowerCase() !== wanted) {
    return { kind: 'not-ours', why: `it is about ${said.sname}, asked was about ${wanted}`, error: said }
  }
  const result = resultIn(data)
  const { name, ...rest } = said
  const error = name === undefined || result?.code === said.code ? rest : said
  return { kind: 'refused', error, ...(result !== undefined && { result }) }
}

/**
 * Two octets of result code, then words in UTF-8 (RFC 3244 §2). What else e-data may hold (RFC 4120 §5.9.1) begins with
 * the tag of a SEQUENCE, and codes with a zero.
 */
function resultIn(data: Uint8Array): KpasswdResult | undefined {
  const [high, low] = data
  if (high !== 0 || low === undefined) return undefined
  const name = resultNames.get(low)
  return { code: low, ...(name !== undefined && { name }), text: wordsOf(data.subarray(2)) }
}
