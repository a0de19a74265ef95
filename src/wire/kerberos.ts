import type { AnswerLength } from './answerLength.ts'
import { encoded, encodedInteger, tags } from './der.ts'
import type { KerberosError } from './kerberosError.ts'
import { readKerberosError } from './kerberosError.ts'
import {
  checkRealm,
  encryptionTypes,
  field,
  fieldsOf,
  kerberosFlags,
  kerberosString,
  kerberosVersion,
  lengthOfPrefixed,
  message,
  messages,
  nameOf,
  nameTypes,
  numberIn,
  principalName,
  sequence,
  textOf,
} from './kerberosTypes.ts'

/**
 * The client's side of the first exchange of Kerberos (RFC 4120 §3.1) as far as a probe goes: a ticket is asked for in
 * the name of nobody, and the refusal tells the server's realm and clock.
 */

/** What octets say as an answer to a request. */
export type KerberosReply =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Sound, and about another realm or name than the request's. */
  | { readonly kind: 'not-ours'; readonly why: string; readonly reply: KerberosError | KerberosTicket }
  | KerberosError
  | KerberosTicket

/** AS-REP (§5.4.2): a ticket was given, without any proof of who asks, to a name that nobody should have. */
export interface KerberosTicket {
  readonly kind: 'ticket'
  /** Realm and name of who the ticket is for. */
  readonly crealm: string
  readonly cname: string
}

export interface AsRequest {
  /** As Active Directory has it: the domain's name in upper case. */
  readonly realm: string
  /**
   * 31 random bits, fresh for every question: to octets that it was asked before, MIT's KDC repeats its answer, the time
   * of its clock included.
   */
  readonly nonce: number
}

/** In whose name a ticket is asked for: always the same, so that who reads the logs of a KDC can tell it from guessing. */
export const probePrincipal = 'postern-probe'
const ticketService = 'krbtgt'
const largestNonce = 2 ** 31 - 1
/** RENEWABLE-OK (§5.4.1), the one option of a client that was told nothing. */
const renewableOk = 0x00000010
/** The end of the 32 bits of time that KDCs take for "as long as may be". */
const till = '20370913024805Z'

/**
 * Writes an AS-REQ (§5.4.1) without pre-authentication, as it goes over UDP; over TCP its length stands before it. AES
 * is all that is asked for: for a name that nobody has, no KDC looks at a key, and who asks for RC4 (23) looks like
 * somebody who collects tickets to break them.
 *
 * @throws RangeError when the realm is empty or too long, or the nonce is not of 31 bits, which are the same
 *   signed (RFC 1510) and not (RFC 4120)
 */
export function encodeAsRequest({ realm, nonce }: AsRequest): Uint8Array {
  checkRealm(realm)
  if (!Number.isInteger(nonce) || nonce < 0 || nonce > largestNonce) {
    throw new RangeError(`a nonce has 31 bits, not the value ${nonce}`)
  }
  const body = sequence(
    field(0, kerberosFlags(renewableOk)),
    field(1, principalName(nameTypes.principal, probePrincipal)),
    field(2, kerberosString(realm)),
    field(3, principalName(nameTypes.serviceInstance, ticketService, realm)),
    field(5, encoded(tags.generalizedTime, new TextEncoder().encode(till))),
    field(7, encodedInteger(nonce)),
    field(8, sequence(encodedInteger(encryptionTypes.aes256), encodedInteger(encryptionTypes.aes128))),
  )
  return message(
    messages.asRequest,
    field(1, encodedInteger(kerberosVersion)),
    field(2, encodedInteger(messages.asRequest)),
    field(4, body),
  )
}

/** How long an answer over TCP is, by the octets it begins with; see {@link lengthOfPrefixed}. */
export function lengthOfKerberosReply(octets: Uint8Array): AnswerLength {
  return lengthOfPrefixed(octets, ([tag]) => {
    const isReply = tag === undefined || replyTags.has(tag)
    return isReply ? undefined : `neither an AS-REP nor a KRB-ERROR begins with 0x${tag.toString(16).padStart(2, '0')}`
  })
}

const replyTags: ReadonlySet<number> = new Set([tags.application(messages.asReply), tags.application(messages.error)])

/**
 * Reads an answer, as it comes over UDP; over TCP its length is to be taken off. Never throws.
 *
 * An error does not repeat the nonce: that its realm and service are those of the request, whichever case they are in,
 * is all there is to know it by.
 *
 * @param realm of the request that this is to answer
 */
export function decodeKerberosReply(octets: Uint8Array, realm: string): KerberosReply {
  const reply = octets[0] === tags.application(messages.asReply) ? readTicket(octets) : readError(octets)
  if (typeof reply === 'string') return { kind: 'unreadable', why: reply }
  const [is, wanted] =
    reply.kind === 'ticket'
      ? [`${reply.cname}@${reply.crealm}`, `${probePrincipal}@${realm}`]
      : [`${reply.sname}@${reply.realm}`, `${ticketService}/${realm}@${realm}`]
  if (is.toLowerCase() === wanted.toLowerCase()) return reply
  return { kind: 'not-ours', why: `it is about ${is}, asked was about ${wanted}`, reply }
}

function readError(octets: Uint8Array): KerberosError | string {
  const read = readKerberosError(octets)
  return typeof read === 'string' ? read : read.error
}

function readTicket(octets: Uint8Array): KerberosTicket | string {
  const fields = fieldsOf(octets, messages.asReply)
  const version = numberIn(octets, fields?.get(0))
  if (version !== kerberosVersion || numberIn(octets, fields?.get(1)) !== messages.asReply) {
    return 'not an AS-REP of version 5'
  }
  const [realm, name] = [fields?.get(3), fields?.get(4)]
  const crealm = realm && textOf(octets, realm)
  const cname = name && nameOf(octets, name)
  if (crealm === undefined || cname === undefined) return 'an AS-REP without realm or name of the client'
  return { kind: 'ticket', crealm, cname }
}
