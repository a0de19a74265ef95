import type { AnswerLength } from './answerLength.ts'
import { badLength, badOctet, isNoAnswer, noAnswer } from './answerLength.ts'

/**
 * The client's side of the pre-login of SQL Server (MS-TDS §2.2.6.5): the first thing that both ends say, before
 * encryption and before any account is named.
 */

/** What the server makes of encryption when the client would do without it (MS-TDS §2.2.6.5, Encryption). */
export type TdsEncryption = 'off' | 'on' | 'not-supported' | 'required'

export type PreLoginAnswer =
  | {
      readonly kind: 'pre-login'
      /** Major, minor and build number, such as `15.0.2000`. */
      readonly version: string
      /** What is sold under that number, where it is known. */
      readonly product?: string
      /** `required` and `not-supported` hold for every client; `off` is for the login alone, where the client asks for no more. */
      readonly encryption?: TdsEncryption
      /** Whether the server is the instance that was asked for. */
      readonly instance?: 'matches' | 'another'
    }
  | { readonly kind: 'other'; readonly why: string }

const packetType = { preLogin: 0x12, tableResponse: 0x04 } as const
const endOfMessage = 0x01
const headerLength = 8

/** PL_OPTION_TOKEN of MS-TDS §2.2.6.5. */
const option = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, terminator: 0xff } as const
const optionLength = 5
const encryptions = ['off', 'on', 'not-supported', 'required'] as const satisfies readonly TdsEncryption[]
/** The bits of ENCRYPT_EXT and ENCRYPT_CLIENT_CERT are not the mode. */
const modeBits = 0x1f

/** A whole answer with its headers; a packet before login has up to 4096 octets, and known servers use about 50. */
const longestAnswer = 4096

/** Microsoft's list of builds of SQL Server; 12 is also what Azure SQL Database calls itself. */
const products: readonly (readonly [begins: string, product: string])[] = [
  ['17.', 'SQL Server 2025'],
  ['16.', 'SQL Server 2022'],
  ['15.', 'SQL Server 2019'],
  ['14.', 'SQL Server 2017'],
  ['13.', 'SQL Server 2016'],
  ['12.', 'SQL Server 2014 or Azure SQL'],
  ['11.', 'SQL Server 2012'],
  ['10.50.', 'SQL Server 2008 R2'],
  ['10.', 'SQL Server 2008'],
  ['9.', 'SQL Server 2005'],
  ['8.', 'SQL Server 2000'],
]

/**
 * Writes a pre-login. It says that this end could encrypt and does not ask for it, which makes the server tell its own
 * setting; its version is the one of the specification's example, and no thread is named.
 *
 * @param instance name of the instance, so that the server can say whether it is the one; empty: any
 * @throws RangeError when it is not printable ASCII, or longer than 255 characters
 */
export function encodePreLogin(instance = ''): Uint8Array {
  if (!/^[!-~]{0,255}$/.test(instance)) throw new RangeError(`${JSON.stringify(instance)} is no instance`)
  const options: readonly (readonly [token: number, data: readonly number[]])[] = [
    [option.version, [9, 0, 0, 0, 0, 0]],
    [option.encryption, [encryptions.indexOf('off')]],
    [option.instance, [...new TextEncoder().encode(instance), 0]],
    [option.threadId, [0, 0, 0, 0]],
    [option.mars, [0]],
  ]
  const head: number[] = []
  const data: number[] = []
  for (const [token, octets] of options) {
    const offset = options.length * optionLength + 1 + data.length
    head.push(token, offset >> 8, offset & 0xff, octets.length >> 8, octets.length & 0xff)
    data.push(...octets)
  }
  const length = headerLength + head.length + 1 + data.length
  return Uint8Array.from([
    ...[packetType.preLogin, endOfMessage, length >> 8, length & 0xff, 0, 0, 1, 0],
    ...head,
    option.terminator,
    ...data,
  ])
}

/** Reads the answer to a pre-login, in as many packets as it comes. Options that do not lie in it count as absent. */
export function readPreLoginAnswer(octets: Uint8Array): PreLoginAnswer {
  const length = lengthOfPreLoginAnswer(octets)
  if (isNoAnswer(length)) return { kind: 'other', why: `no answer to a pre-login: ${length.why}` }
  if (length === undefined || length > octets.length) return { kind: 'other', why: 'the answer is cut short' }
  const payload = payloadOf(octets.subarray(0, length))
  const options = optionsOf(payload)
  if (options === undefined) return { kind: 'other', why: 'the list of options has no end' }
  const [major, minor, high, low] = options.get(option.version) ?? []
  if (major === undefined || minor === undefined || high === undefined || low === undefined) {
    return { kind: 'other', why: 'the answer gives no version' }
  }
  const version = `${major}.${minor}.${high * 256 + low}`
  const product = products.find(([begins]) => version.startsWith(begins))?.[1]
  const mode = options.get(option.encryption)?.[0]
  const encryption = mode === undefined ? undefined : encryptions[mode & modeBits]
  const instance = instances[options.get(option.instance)?.[0] ?? -1]
  return {
    kind: 'pre-login',
    version,
    ...(product !== undefined && { product }),
    ...(encryption !== undefined && { encryption }),
    ...(instance !== undefined && { instance }),
  }
}

/** What the server's octet of INSTOPT says (MS-TDS §2.2.6.5, Instance Name). */
const instances: readonly ('matches' | 'another')[] = ['matches', 'another']

/**
 * How many octets the answer has that begins with these, to the end of its last packet. More than 4096 octets
 * are none.
 */
export function lengthOfPreLoginAnswer(octets: Uint8Array): AnswerLength {
  let payload = 0
  let at = 0
  for (;;) {
    const [type, status, high, low] = octets.subarray(at, at + 4)
    if (type === undefined) return undefined
    // A server sets no other bit of the status (MS-TDS §2.2.3.1.2).
    if (type !== packetType.tableResponse) return badOctet('the packet is of type', type, packetType.tableResponse)
    if (status !== undefined && status > endOfMessage) return badOctet('the packet has status', status, endOfMessage)
    if (status === undefined || high === undefined || low === undefined) return undefined
    const length = high * 256 + low
    if (length < headerLength) return badLength(length, 'too short for a packet of TDS')
    if (at + length > longestAnswer) return noAnswer(`an answer of more than ${longestAnswer} octets`)
    // The version is the first option; where another token stands first, such as an error, this is no pre-login.
    const first = length > headerLength && payload === 0 ? octets[at + headerLength] : undefined
    if (first !== undefined && first !== option.version) return badOctet('the first option is', first, option.version)
    payload += length - headerLength
    at += length
    if (status === endOfMessage) return payload === 0 ? noAnswer('an answer without options') : at
  }
}

/** What the packets hold, put together. All of them are there and sound. */
function payloadOf(packets: Uint8Array): Uint8Array {
  const payload = new Uint8Array(packets.length)
  let filled = 0
  for (let at = 0; at < packets.length; ) {
    const end = at + (packets[at + 2] ?? 0) * 256 + (packets[at + 3] ?? 0)
    payload.set(packets.subarray(at + headerLength, end), filled)
    filled += end - at - headerLength
    at = end
  }
  return payload.subarray(0, filled)
}

/** The data of each option, the first of a kind; undefined where no terminator ends the list. */
function optionsOf(payload: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const options = new Map<number, Uint8Array>()
  for (let at = 0; ; at += optionLength) {
    const [token, ...field] = payload.subarray(at, at + optionLength)
    if (token === option.terminator) return options
    const [offsetHigh, offsetLow, lengthHigh, lengthLow] = field
    if (token === undefined || offsetHigh === undefined || offsetLow === undefined) return undefined
    if (lengthHigh === undefined || lengthLow === undefined) return undefined
    const from = offsetHigh * 256 + offsetLow
    const to = from + lengthHigh * 256 + lengthLow
    if (to <= payload.length && !options.has(token)) options.set(token, payload.subarray(from, to))
  }
}
