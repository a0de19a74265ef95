import { u16, u32 } from './littleEndian.ts'

/**
 * NEGOTIATE as clients of SMB 1 put it (MS-CIFS §2.2.3.1, §2.2.4.52), over TCP without NetBIOS. A server that knows SMB 1
 * alone takes one of SMB 2 for nonsense, and most hang up.
 */

/** The one dialect that servers of the last twenty years had (MS-SMB). */
const dialect = 'NT LM 0.12'
const protocol = [0xff, 0x53, 0x4d, 0x42] as const
const negotiate = 0x72
/** Paths may be in any case and in canonical form; long names, status of 32 bits, Unicode. */
const flags = 0x18
const flags2 = 0xc801
const noTree = 0xffff
/** The process that asks, and which of its questions this is. */
const process = 1
const question = 0
/** A string in a list of dialects. */
const bufferFormat = 0x02

const framingLength = 4
/** Places in an answer, from behind the framing. */
const at = { command: 4, flags: 9, words: 32, dialect: 33 } as const
const replyFlag = 0x80
const noDialect = 0xffff

/** Writes the question, with its framing, for `NT LM 0.12` alone: who answers with SMB 1 has said that it knows it. */
export function encodeSmb1Negotiate(): Uint8Array {
  const dialects = [bufferFormat, ...new TextEncoder().encode(dialect), 0]
  const noWords = 0
  const header = [
    ...protocol,
    negotiate,
    ...u32(0),
    flags,
    ...u16(flags2),
    ...Array<number>(12).fill(0),
    ...u16(noTree),
    ...u16(process),
    ...u16(0),
    ...u16(question),
  ]
  const message = [...header, noWords, ...u16(dialects.length), ...dialects]
  return Uint8Array.from([0, 0, 0, message.length, ...message])
}

/**
 * Whether an answer, its framing included, chooses the dialect that {@link encodeSmb1Negotiate} offers; of whichever octets
 * there are, never throws.
 */
export function choosesSmb1(octets: Uint8Array): boolean {
  const message = octets.subarray(framingLength)
  const words = message[at.words] ?? 0
  if (!protocol.every((octet, n) => message[n] === octet) || message[at.command] !== negotiate) return false
  if (((message[at.flags] ?? 0) & replyFlag) === 0 || words === 0 || message.length < at.dialect + 2) return false
  return (message[at.dialect] ?? 0) + 256 * (message[at.dialect + 1] ?? 0) !== noDialect
}
