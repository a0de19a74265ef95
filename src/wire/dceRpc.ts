import type { AnswerLength } from './answerLength.ts'
import { badLength, noAnswer } from './answerLength.ts'
import { guidLength, guidText, octetsOfGuid } from './guid.ts'
import { u16, u32 } from './littleEndian.ts'
import { printableOctets } from './printable-octets.ts'
import { rpcFaultNames } from './rpcFaults.ts'
import { statusName } from './statusName.ts'

/**
 * The client's side of connection-oriented DCE/RPC (C706 ch. 12, MS-RPCE §2.2.2), without authentication: an interface
 * is bound, an operation is called, and what comes back is read in either byte order.
 */

/** An interface that a server may offer, by its UUID and version. */
export interface RpcInterface {
  /** What Microsoft calls it, for reports. */
  readonly name: string
  readonly uuid: string
  readonly major: number
  readonly minor: number
}

/** What a server's octets say as an answer to a bind or a request. */
export type RpcAnswer =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Sound, and no answer to this call. */
  | { readonly kind: 'not-ours'; readonly why: string }
  | RpcBindAck
  /** The server refuses the association as a whole. */
  | {
      readonly kind: 'bind-nak'
      readonly reason: string
      /** Versions of the protocol that the server takes, such as `5.0`; often none are named. */
      readonly versions: readonly string[]
    }
  | RpcResponse
  /** The call failed; `name` is the status in words where it has a name, or its hexadecimal. */
  | { readonly kind: 'fault'; readonly status: number; readonly name: string }

/** The association stands; `accepted` says whether the interface may be called in it. */
export interface RpcBindAck {
  readonly kind: 'bind-ack'
  readonly accepted: boolean
  /** The result for the interface (C706 §12.6.3.1, p_cont_def_result_t). */
  readonly result: string
  /** Why it was rejected by the server's runtime (p_provider_reason_t). */
  readonly reason?: string
  /** Where the server takes further connections of this association: for TCP its port, in digits. */
  readonly secondaryAddress: string
  /** The longest fragments that the server sends and takes. */
  readonly maxTransmit: number
  readonly maxReceive: number
  readonly associationGroup: number
}

/** What an operation returned, all fragments joined: `stub` is NDR in the byte order that is told. */
export interface RpcResponse {
  readonly kind: 'response'
  readonly stub: Uint8Array
  readonly littleEndian: boolean
}

/** PTYPE (C706 §12.6.4). */
const packet = { request: 0, response: 2, fault: 3, bind: 11, bindAck: 12, bindNak: 13 } as const
const lastPacketType = 19
const flag = { first: 0x01, last: 0x02 } as const
const headerLength = 16
/** The place of each field in the header that all packets share. */
const at = { minor: 1, type: 2, flags: 3, dataRepresentation: 4, length: 8, authLength: 10, callId: 12 } as const
const securityTrailerLength = 8
const version = { major: 5, minor: 0, lastMinor: 1 } as const
/** Integers with the low octet first, ASCII, IEEE (C706 §14.1). */
const littleEndianAscii = [0x10, 0, 0, 0]
/** What Microsoft's client offers over TCP. */
const longestFragment = 5840

/** Octets of a whole answer, and fragments of it, that are taken at most; what is longer is none. */
export const longestRpcAnswer = 65_536
const mostFragments = 64

/** Network Data Representation, the one transfer syntax that every server has (C706 ch. 14). */
export const ndr: RpcInterface = {
  name: 'NDR',
  uuid: '8a885d04-1ceb-11c9-9fe8-08002b104860',
  major: 2,
  minor: 0,
}

const bindResults: Readonly<Record<number, string>> = Object.freeze({
  0: 'acceptance',
  1: 'user_rejection',
  2: 'provider_rejection',
  3: 'negotiate_ack',
})

const providerReasons: Readonly<Record<number, string>> = Object.freeze({
  0: 'reason_not_specified',
  1: 'abstract_syntax_not_supported',
  2: 'proposed_transfer_syntaxes_not_supported',
  3: 'local_limit_exceeded',
})

/** p_reject_reason_t (C706 §12.6.3.1), 8 and 9 from MS-RPCE §2.2.2.5. */
const nakReasons: Readonly<Record<number, string>> = Object.freeze({
  0: 'reason_not_specified',
  1: 'temporary_congestion',
  2: 'local_limit_exceeded',
  3: 'called_paddr_unknown',
  4: 'protocol_version_not_supported',
  5: 'default_context_not_supported',
  6: 'user_data_not_readable',
  7: 'no_psap_available',
  8: 'authentication_type_not_recognized',
  9: 'invalid_checksum',
})

/**
 * Writes a bind for one interface in NDR, in presentation context 0 of a new association (C706 §12.6.4.3).
 *
 * @param callId of the answer too; the first call of a connection has 1
 */
export function encodeRpcBind(asked: RpcInterface, callId: number): Uint8Array {
  const newAssociation = 0
  const contexts = 1
  const contextId = 0
  const transferSyntaxes = 1
  return packetOf(packet.bind, callId, [
    ...u16(longestFragment),
    ...u16(longestFragment),
    ...u32(newAssociation),
    ...u32(contexts),
    ...u16(contextId),
    ...u16(transferSyntaxes),
    ...syntax(asked),
    ...syntax(ndr),
  ])
}

/**
 * Writes a call of an operation of the interface that was bound (C706 §12.6.4.9).
 *
 * @param stub arguments in NDR, low octet first
 * @throws RangeError when they do not fit into one fragment
 */
export function encodeRpcRequest(opnum: number, stub: Uint8Array, callId: number): Uint8Array {
  const contextId = 0
  const octets = packetOf(packet.request, callId, [...u32(stub.length), ...u16(contextId), ...u16(opnum), ...stub])
  if (octets.length > longestFragment) {
    throw new RangeError(`a fragment has ${longestFragment} octets at most, not ${octets.length}`)
  }
  return octets
}

function packetOf(type: number, callId: number, body: readonly number[]): Uint8Array {
  const unauthenticated = 0
  return Uint8Array.from([
    version.major,
    version.minor,
    type,
    flag.first | flag.last,
    ...littleEndianAscii,
    ...u16(headerLength + body.length),
    ...u16(unauthenticated),
    ...u32(callId),
    ...body,
  ])
}

function syntax({ uuid, major, minor }: RpcInterface): readonly number[] {
  return [...octetsOfGuid(uuid), ...u16(major), ...u16(minor)]
}

/**
 * How many octets the answer has that begins with these: the first fragment to the last.
 *
 * @returns no answer when they cannot begin one, or one of more than {@link longestRpcAnswer} octets or 64 fragments
 */
export function lengthOfRpcAnswer(octets: Uint8Array): AnswerLength {
  let from = 0
  for (let fragments = 0; fragments < mostFragments; fragments += 1) {
    const header = octets.subarray(from, from + headerLength)
    if (!couldBeHeader(header))
      return noAnswer(from === 0 ? 'no header of DCE/RPC' : 'no header of DCE/RPC behind the first')
    if (header.length < at.authLength) return undefined
    const length = new DataView(header.buffer, header.byteOffset).getUint16(at.length, isLittleEndian(header))
    if (length < headerLength) return badLength(length, 'too short for a fragment of DCE/RPC')
    if (from + length > longestRpcAnswer) return noAnswer(`an answer of more than ${longestRpcAnswer} octets`)
    from += length
    const isLast = header[at.type] !== packet.response || ((header[at.flags] ?? 0) & flag.last) !== 0
    if (isLast) return from
  }
  return noAnswer(`no end within ${mostFragments} fragments`)
}

/** Whether octets that are there, few or many, stand where a header has such octets. */
function couldBeHeader(header: Uint8Array): boolean {
  const [major = version.major, minor = 0, type = 0, , representation = 0] = header
  return (
    major === version.major &&
    minor <= version.lastMinor &&
    type <= lastPacketType &&
    // High half: integers; low half: characters, of which there are two kinds each.
    (representation & 0xee) === 0
  )
}

function isLittleEndian(header: Uint8Array): boolean {
  return ((header[at.dataRepresentation] ?? 0) & 0xf0) !== 0
}

/** One fragment: what stands between its header and its authentication. */
interface Fragment {
  readonly type: number
  readonly flags: number
  readonly callId: number
  readonly littleEndian: boolean
  readonly body: Uint8Array
  readonly end: number
}

/**
 * Reads a whole answer, its fragments joined; never throws.
 *
 * @param octets as many as {@link lengthOfRpcAnswer} says; what follows is not looked at
 * @param callId of the bind or request that this is to answer
 */
export function decodeRpcAnswer(octets: Uint8Array, callId: number): RpcAnswer {
  const stubs: Uint8Array[] = []
  let length = 0
  let from = 0
  for (let fragments = 0; fragments < mostFragments; fragments += 1) {
    const fragment = fragmentAt(octets, from)
    if (typeof fragment === 'string') return unreadable(fragment)
    const { type, littleEndian, flags, body } = fragment
    if (fragment.callId !== callId) return notOurs(`call ${fragment.callId}, asked was ${callId}`)
    if (type !== packet.response) {
      return fragments > 0 && type !== packet.fault
        ? unreadable(`a packet of type ${type} among the fragments of a response`)
        : answerOf(fragment)
    }
    if (body.length < responseLength) return unreadable(`a response of ${body.length} octets`)
    if ((flags & flag.first) === 0 ? fragments === 0 : fragments > 0) {
      return unreadable(fragments === 0 ? 'the first fragment is missing' : 'a first fragment among the others')
    }
    stubs.push(body.subarray(responseLength))
    length += body.length - responseLength
    from = fragment.end
    if (from > longestRpcAnswer) break
    if ((flags & flag.last) !== 0) return { kind: 'response', stub: joined(stubs, length), littleEndian }
  }
  return unreadable(`more than ${mostFragments} fragments or ${longestRpcAnswer} octets`)
}

/** alloc_hint, which may be wrong and is not needed; the context; how often the call was cancelled. */
const responseLength = 8

function unreadable(why: string): RpcAnswer {
  return { kind: 'unreadable', why }
}

function notOurs(why: string): RpcAnswer {
  return { kind: 'not-ours', why }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const whole = new Uint8Array(length)
  let from = 0
  for (const part of parts) {
    whole.set(part, from)
    from += part.length
  }
  return whole
}

/** The fragment that begins at a place, or why there is none. */
function fragmentAt(octets: Uint8Array, from: number): Fragment | string {
  const header = octets.subarray(from, from + headerLength)
  if (!couldBeHeader(header)) return 'no header of DCE/RPC version 5'
  if (header.length < headerLength) return `${header.length} octets, a header has ${headerLength}`
  const littleEndian = isLittleEndian(header)
  const view = new DataView(header.buffer, header.byteOffset, headerLength)
  const length = view.getUint16(at.length, littleEndian)
  const authLength = view.getUint16(at.authLength, littleEndian)
  const end = from + length
  if (length < headerLength) return `a fragment of ${length} octets, its header has ${headerLength}`
  if (end > octets.length) return `${octets.length - from} octets of a fragment of ${length}`
  const trailer = authLength === 0 ? length : length - authLength - securityTrailerLength
  // The trailer's third octet counts what pads the body before it (C706 §13.2.6.1).
  const padding = authLength === 0 ? 0 : (octets[from + trailer + 2] ?? 0)
  if (trailer - padding < headerLength) return `${authLength} octets of authentication in a fragment of ${length}`
  return {
    type: view.getUint8(at.type),
    flags: view.getUint8(at.flags),
    callId: view.getUint32(at.callId, littleEndian),
    littleEndian,
    body: octets.subarray(from + headerLength, from + trailer - padding),
    end,
  }
}

function answerOf(fragment: Fragment): RpcAnswer {
  switch (fragment.type) {
    case packet.bindAck:
      return bindAckOf(fragment)
    case packet.bindNak:
      return bindNakOf(fragment)
    case packet.fault:
      return faultOf(fragment)
    default:
      return notOurs(`a packet of type ${fragment.type}, which answers nothing`)
  }
}

function viewOf({ body }: Fragment): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength)
}

/** C706 §12.6.4.4: sizes, the association, the secondary address with its zero octet, and the results from a multiple of 4 on. */
function bindAckOf(fragment: Fragment): RpcAnswer {
  const { body, littleEndian } = fragment
  const view = viewOf(fragment)
  const addressAt = 10
  if (body.length < addressAt) return unreadable(`a bind_ack of ${body.length} octets`)
  const addressLength = view.getUint16(8, littleEndian)
  const listAt = Math.ceil((addressAt + addressLength) / 4) * 4
  const resultAt = listAt + 4
  const syntaxAt = resultAt + 4
  if (body.length < syntaxAt + guidLength + 4) return unreadable(`${body.length} octets of a bind_ack, results missing`)
  const results = view.getUint8(listAt)
  if (results !== 1) return unreadable(`a bind_ack with ${results} results, asked was for one`)
  const result = view.getUint16(resultAt, littleEndian)
  const reason = view.getUint16(resultAt + 2, littleEndian)
  const accepted = result === 0
  const taken = guidText(body.subarray(syntaxAt), littleEndian)
  if (accepted && taken !== ndr.uuid) return unreadable(`the transfer syntax ${taken}, which was not offered`)
  const address = body.subarray(addressAt, addressAt + addressLength)
  return {
    kind: 'bind-ack',
    accepted,
    result: bindResults[result] ?? `result ${result}`,
    ...(!accepted && { reason: providerReasons[reason] ?? `reason ${reason}` }),
    secondaryAddress: printableOctets(address.at(-1) === 0 ? address.subarray(0, -1) : address),
    maxTransmit: view.getUint16(0, littleEndian),
    maxReceive: view.getUint16(2, littleEndian),
    associationGroup: view.getUint32(4, littleEndian),
  }
}

/** C706 §12.6.4.5. */
function bindNakOf(fragment: Fragment): RpcAnswer {
  const { body, littleEndian } = fragment
  if (body.length < 2) return unreadable(`a bind_nak of ${body.length} octets`)
  const reason = viewOf(fragment).getUint16(0, littleEndian)
  const named = body.subarray(3, 3 + 2 * Math.min(body[2] ?? 0, mostVersions))
  const versions = Array.from({ length: Math.floor(named.length / 2) }, (_, n) => `${named[2 * n]}.${named[2 * n + 1]}`)
  return { kind: 'bind-nak', reason: nakReasons[reason] ?? `reason ${reason}`, versions }
}

/** Two are known to be in use, 5.0 and 5.1. */
const mostVersions = 8

/** C706 §12.6.4.7: as a response, and the status. */
function faultOf(fragment: Fragment): RpcAnswer {
  if (fragment.body.length < responseLength + 4) return unreadable(`a fault of ${fragment.body.length} octets`)
  const status = viewOf(fragment).getUint32(responseLength, fragment.littleEndian)
  return { kind: 'fault', status, name: statusName(status, rpcFaultNames) }
}
