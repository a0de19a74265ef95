import type { AnswerLength } from './answerLength.ts'
import { badLength, badOctet, isNoAnswer, noAnswer } from './answerLength.ts'
import { unixOfFiletime } from './filetime.ts'
import { guidLength, guidText } from './guid.ts'
import { u16, u32 } from './littleEndian.ts'
import { spnegoMechanisms } from './spnego.ts'
import { statusName } from './statusName.ts'

/**
 * The first question of an SMB2 client, NEGOTIATE, and its answer, over TCP without NetBIOS (MS-SMB2 §2.1, §2.2.3,
 * §2.2.4). No session is set up, so that nobody signs in.
 */

/** Dialects by what Microsoft calls them. */
export const smb2Dialects = {
  'SMB 2.0.2': 0x0202,
  'SMB 2.1': 0x0210,
  'SMB 3.0': 0x0300,
  'SMB 3.0.2': 0x0302,
  'SMB 3.1.1': 0x0311,
} as const
export type Smb2Dialect = keyof typeof smb2Dialects

/** What a client asks with. */
export interface Smb2Offer {
  readonly dialects: readonly Smb2Dialect[]
  /** 16 random octets, fresh for every connection: a server may end one whose GUID it knows from another dialect (MS-SMB2 §3.3.5.4). */
  readonly clientGuid: Uint8Array
  /** 32 random octets, for SMB 3.1.1. */
  readonly salt: Uint8Array
}

/** What octets say as an answer to a NEGOTIATE. */
export type Smb2Answer =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Sound SMB2, and no answer to this question. */
  | { readonly kind: 'not-ours'; readonly why: string }
  /** The server speaks SMB 1 only, which Windows has switched off. */
  | { readonly kind: 'smb1' }
  /** The server says no: the status in words where it has a name, or its hexadecimal. */
  | { readonly kind: 'refused'; readonly status: number; readonly name: string }
  | Smb2Negotiated

/** What was agreed on, and what the server tells of itself. */
export interface Smb2Negotiated {
  readonly kind: 'negotiated'
  readonly dialect: Smb2Dialect
  readonly signing: 'required' | 'enabled' | 'off'
  /** The same on all addresses of a server. Windows makes one up when it is installed; Samba writes the server's name into it. */
  readonly serverGuid: string
  readonly capabilities: readonly string[]
  /** The longest that may be moved at once, in octets. */
  readonly maxTransact: number
  readonly maxRead: number
  readonly maxWrite: number
  /** The server's clock, and when it was started, in milliseconds since 1970; absent where it does not tell. */
  readonly systemTime?: number
  readonly startTime?: number
  /** How one may sign in, by name, the server's favourite first; empty where it leaves that to the client, or does not say it in SPNEGO. */
  readonly mechanisms: readonly string[]
  /** Chosen with SMB 3.1.1 only. */
  readonly cipher?: string
  readonly signingAlgorithm?: string
}

const framingLength = 4
const headerLength = 64
/** SMB 1's header has 32 octets, and two counts follow it at least. */
const leastMessage = 35
/** Octets of a whole answer, its framing included, that are taken at most: real ones have a few hundred. */
export const longestSmb2Answer = 65_536

const protocolIds = { smb1: 0xff, smb2: 0xfe, encrypted: 0xfd, compressed: 0xfc } as const
const smbLetters = [0x53, 0x4d, 0x42] as const
const negotiate = 0
const responseFlag = 0x0000_0001
const signingBits = { enabled: 1, required: 2 } as const
const saltLength = 32

/** Places in the header (§2.2.1.2) and, from its end, in a response to NEGOTIATE (§2.2.4). */
const inHeader = { size: 4, status: 8, command: 12, flags: 16, messageId: 24 } as const
const inResponse = {
  size: 0,
  securityMode: 2,
  dialect: 4,
  contextCount: 6,
  serverGuid: 8,
  capabilities: 24,
  maxTransact: 28,
  maxRead: 32,
  maxWrite: 36,
  systemTime: 40,
  startTime: 48,
  bufferOffset: 56,
  bufferLength: 58,
  contextOffset: 60,
} as const
const responseLength = 64
/** StructureSize of a response, which counts one octet of its buffer, and of an error (§2.2.2). */
const responseSize = 65

const capabilityNames = [
  [0x01, 'DFS'],
  [0x02, 'leasing'],
  [0x04, 'large MTU'],
  [0x08, 'multichannel'],
  [0x10, 'persistent handles'],
  [0x20, 'directory leasing'],
  [0x40, 'encryption'],
  [0x80, 'notifications'],
] as const

/** SMB2_NEGOTIATE_CONTEXT (§2.2.3.1). */
const context = { preauthIntegrity: 1, encryption: 2, signing: 8 } as const
const sha512 = 1
const ciphers: Readonly<Record<number, string>> = Object.freeze({
  1: 'AES-128-CCM',
  2: 'AES-128-GCM',
  3: 'AES-256-CCM',
  4: 'AES-256-GCM',
})
const signingAlgorithms: Readonly<Record<number, string>> = Object.freeze({
  0: 'HMAC-SHA256',
  1: 'AES-CMAC',
  2: 'AES-GMAC',
})
const offeredCiphers = [2, 1, 4, 3]
const offeredSigning = [2, 1, 0]

/** Statuses with which servers refuse a NEGOTIATE or a connection (MS-ERREF §2.3.1). */
const statusNames: ReadonlyMap<number, string> = new Map([
  [0xc000_0001, 'STATUS_UNSUCCESSFUL'],
  [0xc000_0002, 'STATUS_NOT_IMPLEMENTED'],
  [0xc000_000d, 'STATUS_INVALID_PARAMETER'],
  [0xc000_0017, 'STATUS_NO_MEMORY'],
  [0xc000_0022, 'STATUS_ACCESS_DENIED'],
  [0xc000_009a, 'STATUS_INSUFFICIENT_RESOURCES'],
  [0xc000_00b5, 'STATUS_IO_TIMEOUT'],
  [0xc000_00bb, 'STATUS_NOT_SUPPORTED'],
  [0xc000_00c9, 'STATUS_NETWORK_NAME_DELETED'],
  [0xc000_00ca, 'STATUS_NETWORK_ACCESS_DENIED'],
  [0xc000_00cf, 'STATUS_SHARING_PAUSED'],
  [0xc000_00d0, 'STATUS_REQUEST_NOT_ACCEPTED'],
  [0xc000_0203, 'STATUS_USER_SESSION_DELETED'],
  [0xc000_0205, 'STATUS_INSUFF_SERVER_RESOURCES'],
  [0xc000_020c, 'STATUS_CONNECTION_DISCONNECTED'],
  [0xc000_020d, 'STATUS_CONNECTION_RESET'],
  [0xc000_0236, 'STATUS_CONNECTION_REFUSED'],
  [0xc05d_0000, 'STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP'],
])

/**
 * Writes a NEGOTIATE with its framing: signing enabled, no capability but encryption where a dialect has it, and with
 * SMB 3.1.1 the contexts for integrity, encryption and signing.
 *
 * @throws RangeError when no dialect is offered, or the GUID or the salt is of another length
 */
export function encodeSmb2Negotiate({ dialects, clientGuid, salt }: Smb2Offer): Uint8Array {
  if (dialects.length === 0) throw new RangeError('at least one dialect is to be offered')
  if (clientGuid.length !== guidLength)
    throw new RangeError(`a GUID has ${guidLength} octets, not ${clientGuid.length}`)
  if (salt.length !== saltLength) throw new RangeError(`the salt has ${saltLength} octets, not ${salt.length}`)
  const numbers = dialects.map((name) => smb2Dialects[name])
  const contexts = numbers.includes(smb2Dialects['SMB 3.1.1']) ? contextsWith(salt) : []
  // A client of SMB 2.0.2 and 2.1 has no capabilities to tell (§2.2.3).
  const capabilities = numbers.some((number) => number >= smb2Dialects['SMB 3.0']) ? 0x40 : 0
  const fixedLength = 36
  const contextOffset = aligned(headerLength + fixedLength + 2 * numbers.length)
  const body = [
    ...u16(fixedLength),
    ...u16(numbers.length),
    ...u16(signingBits.enabled),
    ...u16(0),
    ...u32(capabilities),
    ...clientGuid,
    ...(contexts.length > 0 ? [...u32(contextOffset), ...u16(contexts.length), ...u16(0)] : zeros(8)),
    ...numbers.flatMap(u16),
  ]
  const padding = contexts.length > 0 ? zeros(contextOffset - headerLength - body.length) : []
  // Each begins at a multiple of 8; the last is not padded.
  const last = contexts.length - 1
  const list = contexts.flatMap((each, n) =>
    n === last ? each : [...each, ...zeros(aligned(each.length) - each.length)],
  )
  const message = [...header(), ...body, ...padding, ...list]
  return Uint8Array.from([0, message.length >> 16, (message.length >> 8) & 0xff, message.length & 0xff, ...message])
}

function header(): readonly number[] {
  const creditCharge = 0
  const creditsAsked = 1
  const beforeCommand = [protocolIds.smb2, ...smbLetters, ...u16(headerLength), ...u16(creditCharge), ...u32(0)]
  const command = [...u16(negotiate), ...u16(creditsAsked)]
  return [...beforeCommand, ...command, ...zeros(headerLength - beforeCommand.length - command.length)]
}

function contextsWith(salt: Uint8Array): readonly (readonly number[])[] {
  const oneHash = 1
  return [
    contextOf(context.preauthIntegrity, [...u16(oneHash), ...u16(salt.length), ...u16(sha512), ...salt]),
    contextOf(context.encryption, [...u16(offeredCiphers.length), ...offeredCiphers.flatMap(u16)]),
    contextOf(context.signing, [...u16(offeredSigning.length), ...offeredSigning.flatMap(u16)]),
  ]
}

function contextOf(type: number, data: readonly number[]): readonly number[] {
  return [...u16(type), ...u16(data.length), ...u32(0), ...data]
}

function zeros(count: number): readonly number[] {
  return Array<number>(count).fill(0)
}

/** The next multiple of 8. */
function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8
}

/**
 * How many octets the answer has that begins with these, its framing included.
 *
 * @returns no answer when they cannot begin an SMB message, of whichever version, or one of more than
 *   {@link longestSmb2Answer} octets
 */
export function lengthOfSmb2Answer(octets: Uint8Array): AnswerLength {
  const [type = 0, high, middle, low] = octets
  // What is not a message (§2.1) is of NetBIOS, which port 445 does without.
  if (type !== 0) return badOctet('begins with', type, 0)
  const most = longestSmb2Answer - framingLength
  if (high !== undefined && high !== 0) {
    const said = high * 65_536 + (middle ?? 0) * 256 + (low ?? 0)
    return low === undefined ? noAnswer(`the length is over ${most}`) : badLength(said, `over ${most}`)
  }
  if (high === undefined || middle === undefined || low === undefined) return undefined
  const length = middle * 256 + low
  if (length < leastMessage) return badLength(length, 'too short for an SMB message')
  if (length > most) return badLength(length, `over ${most}`)
  const [version = protocolIds.smb2, ...letters] = octets.subarray(framingLength, framingLength + 4)
  const isSmb = version >= protocolIds.compressed && letters.every((letter, n) => letter === smbLetters[n])
  return isSmb ? framingLength + length : noAnswer('no SMB behind the length')
}

/**
 * Reads a whole answer; never throws.
 *
 * @param octets as many as {@link lengthOfSmb2Answer} says, the framing among them; what follows is not looked at
 * @param offered dialects of the question that this is to answer
 */
export function decodeSmb2Answer(octets: Uint8Array, offered: readonly Smb2Dialect[]): Smb2Answer {
  const length = lengthOfSmb2Answer(octets)
  if (isNoAnswer(length)) return unreadable(`no SMB message: ${length.why}`)
  if (length === undefined || length > octets.length) return unreadable(`${octets.length} octets of an SMB message`)
  const message = octets.subarray(framingLength, length)
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const [version] = message
  if (version === protocolIds.smb1) return { kind: 'smb1' }
  if (version !== protocolIds.smb2) return unreadable('an encrypted or compressed message, before either was agreed on')
  if (message.length < headerLength) return unreadable(`${message.length} octets, a header has ${headerLength}`)
  if (view.getUint16(inHeader.size, true) !== headerLength) return unreadable('a header of another size')
  if (view.getUint16(inHeader.command, true) !== negotiate) return notOurs('the answer to another command')
  if ((view.getUint32(inHeader.flags, true) & responseFlag) === 0) return notOurs('a request')
  if (view.getBigUint64(inHeader.messageId, true) !== 0n) return notOurs('the answer to another message')
  const status = view.getUint32(inHeader.status, true)
  if (status !== 0) return { kind: 'refused', status, name: statusName(status, statusNames) }
  return negotiated(message, offered)
}

function unreadable(why: string): Smb2Answer {
  return { kind: 'unreadable', why }
}

function notOurs(why: string): Smb2Answer {
  return { kind: 'not-ours', why }
}

/** Offsets in it count from the header's first octet. */
function negotiated(message: Uint8Array, offered: readonly Smb2Dialect[]): Smb2Answer {
  const body = message.subarray(headerLength)
  if (body.length < responseLength) return unreadable(`a response of ${body.length} octets, it has ${responseLength}`)
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const u16At = (offset: number): number => view.getUint16(offset, true)
  const u32At = (offset: number): number => view.getUint32(offset, true)
  const size = u16At(inResponse.size)
  if (size !== responseSize) return unreadable(`a response of size ${size}, it has ${responseSize}`)
  const chosen = u16At(inResponse.dialect)
  const dialect = offered.find((name) => smb2Dialects[name] === chosen)
  if (dialect === undefined) return unreadable(`the dialect 0x${chosen.toString(16).padStart(4, '0')} was not offered`)
  const bufferOffset = u16At(inResponse.bufferOffset)
  const bufferEnd = bufferOffset + u16At(inResponse.bufferLength)
  if (bufferEnd > message.length) return unreadable(`a security buffer up to ${bufferEnd} of ${message.length} octets`)
  const mechanisms = bufferEnd > bufferOffset ? spnegoMechanisms(message.subarray(bufferOffset, bufferEnd)) : []
  const isLatest = dialect === 'SMB 3.1.1'
  // Older dialects leave the places of count and offset without meaning.
  const contexts = isLatest
    ? contextsIn(message, u32At(inResponse.contextOffset), u16At(inResponse.contextCount))
    : noContexts
  if (isLatest && !contexts.has(context.preauthIntegrity)) {
    return unreadable('SMB 3.1.1 without its context for integrity')
  }
  const cipher = chosenIn(contexts.get(context.encryption), ciphers)
  const signingAlgorithm = chosenIn(contexts.get(context.signing), signingAlgorithms)
  const systemTime = unixOfFiletime(view.getBigUint64(inResponse.systemTime, true))
  const startTime = unixOfFiletime(view.getBigUint64(inResponse.startTime, true))
  const mode = u16At(inResponse.securityMode)
  const bits = u32At(inResponse.capabilities)
  return {
    kind: 'negotiated',
    dialect,
    signing: (mode & signingBits.required) !== 0 ? 'required' : (mode & signingBits.enabled) !== 0 ? 'enabled' : 'off',
    serverGuid: guidText(body.subarray(inResponse.serverGuid)) ?? '',
    capabilities: capabilityNames.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name),
    maxTransact: u32At(inResponse.maxTransact),
    maxRead: u32At(inResponse.maxRead),
    maxWrite: u32At(inResponse.maxWrite),
    ...(systemTime !== undefined && { systemTime }),
    ...(startTime !== undefined && { startTime }),
    mechanisms: mechanisms ?? [],
    ...(cipher !== undefined && { cipher }),
    ...(signingAlgorithm !== undefined && { signingAlgorithm }),
  }
}

const noContexts: ReadonlyMap<number, Uint8Array> = new Map()

/** Data of the negotiate contexts by their kind, as far as they are whole: a list that lies about its end is cut there. */
function contextsIn(message: Uint8Array, offset: number, count: number): ReadonlyMap<number, Uint8Array> {
  const contexts = new Map<number, Uint8Array>()
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const dataAt = 8
  let from = offset
  for (let n = 0; n < count; n += 1) {
    const start = from + dataAt
    if (start > message.length) break
    const end = start + view.getUint16(from + 2, true)
    if (end > message.length) break
    contexts.set(view.getUint16(from, true), message.subarray(start, end))
    from = aligned(end)
  }
  return contexts
}

/** What a server chose of a list: a count, which is 1, and a number. */
function chosenIn(data: Uint8Array | undefined, names: Readonly<Record<number, string>>): string | undefined {
  const [count, , low, high] = data ?? []
  return count === 1 && low !== undefined && high !== undefined ? names[high * 256 + low] : undefined
}
