import dnsPacket from 'dns-packet'
import { formatAddress } from '../model/cidr.ts'
import type { NameLookup } from '../model/observation.ts'
import { escapedOctet, readDnsName } from './dns-name.ts'

/**
 * DNS messages (RFC 1035 §4.1, EDNS of RFC 6891): a query is written, and any octets that come back are read into a
 * value. Names are compared without regard to case, as RFC 4343 asks.
 */

export type DnsType = NameLookup['type']

export interface DnsQuery {
  /** 0 to 65535; fresh and random for every query. */
  readonly id: number
  /** With or without a trailing dot; `.` is the root. */
  readonly name: string
  readonly type: DnsType
  /** Random octets that decide the case of each letter of the name (draft-vixie-dnsext-dns0x20); one bit a letter. */
  readonly caseBits: Uint8Array
  /** The UDP payload size to offer by EDNS, in octets; absent: no OPT record is sent. */
  readonly ednsPayloadSize?: number
}

/** A query as octets, with the name exactly as it was written, or the reason why there cannot be one. */
export type EncodedQuery =
  | { readonly ok: true; readonly octets: Uint8Array; readonly name: string }
  | { readonly ok: false; readonly why: string }

/** One resource record of a kind that is understood. */
export interface DnsRecord {
  /** As it came, without a trailing dot; the root is `.`. */
  readonly name: string
  readonly type: DnsType
  /** Seconds; a value with the top bit set counts as 0 (RFC 2181 §8). */
  readonly ttlSec: number
  /**
   * Addresses in canonical text, SRV as `priority weight port target`, SOA as its seven fields, others as their text.
   * Names are in lower case: a server that compresses gives the mixed case of the question back in them.
   */
  readonly text: string
}

/** What octets say as a DNS message. `unreadable` keeps the id where one could be read. */
export type DnsMessage =
  | { readonly kind: 'unreadable'; readonly id?: number; readonly why: string }
  | {
      readonly kind: 'message'
      readonly id: number
      /** QR: an answer, not a query. */
      readonly response: boolean
      readonly authoritative: boolean
      readonly truncated: boolean
      /** With the upper bits of EDNS, when there are any. */
      readonly rcode: number
      /** The first question, when one was repeated; `type` is absent for a type that is not asked here. */
      readonly question?: { readonly name: string; readonly type?: DnsType }
      readonly answers: readonly DnsRecord[]
    }

/** The records that answer a question, followed from name to name. */
export interface DnsAnswer {
  readonly answers: readonly string[]
  readonly aliases: readonly string[]
  readonly ttlSec?: number
}

const typeNumbers: Readonly<Record<DnsType, number>> = { A: 1, NS: 2, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, SRV: 33 }
const typesByNumber: ReadonlyMap<number, DnsType> = new Map(
  Object.entries(typeNumbers).map(([type, number]) => [number, type as DnsType]),
)
const optType = 41
const headerLength = 12
const longestName = 253
const longestLabel = 63
/** Records taken of one message: an answer of Entra or of a directory has tens; a hostile one may hold thousands. */
const mostRecords = 512

/** Writes a query with recursion desired. */
export function encodeDnsQuery({ id, name, type, caseBits, ednsPayloadSize }: DnsQuery): EncodedQuery {
  const bare = name.replace(/\.$/, '')
  const why = bare === '' ? undefined : whyNoName(bare)
  if (why !== undefined) return { ok: false, why }
  const mixed = bare === '' ? '.' : mixCase(bare, caseBits)
  const octets = dnsPacket.encode({
    type: 'query',
    id,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type, name: mixed }],
    additionals: ednsPayloadSize === undefined ? [] : [{ type: 'OPT', name: '.', udpPayloadSize: ednsPayloadSize }],
  })
  return { ok: true, octets, name: mixed }
}

/** The id of a message (RFC 1035 §4.1.1), where there are octets enough for one: enough to pass over what is not ours. */
export function dnsMessageId(octets: Uint8Array): number | undefined {
  const [high, low] = octets
  return high === undefined || low === undefined ? undefined : high * 256 + low
}

/** Reads one message; never throws. What follows a record that cannot be read is left out when the message was cut (TC). */
export function decodeDnsMessage(octets: Uint8Array): DnsMessage {
  const id = dnsMessageId(octets)
  if (id === undefined || octets.length < headerLength) {
    return {
      kind: 'unreadable',
      ...(id !== undefined && { id }),
      why: `${octets.length} octets, a header has ${headerLength}`,
    }
  }
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const flags = view.getUint16(2)
  const truncated = (flags & 0x0200) !== 0
  const reader = new SectionReader(octets)
  try {
    const question = reader.question(view.getUint16(4))
    const answers: DnsRecord[] = []
    let upperRcode = 0
    try {
      reader.records(view.getUint16(6), (record) => answers.push(record))
      reader.records(view.getUint16(8))
      upperRcode = reader.records(view.getUint16(10))
    } catch (error) {
      // A server may cut the last record in two when it sets TC: what came before it still holds.
      if (!truncated) throw error
    }
    return {
      kind: 'message',
      id,
      response: (flags & 0x8000) !== 0,
      authoritative: (flags & 0x0400) !== 0,
      truncated,
      rcode: upperRcode * 16 + (flags & 0x000f),
      ...(question !== undefined && { question }),
      answers,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'unreadable', id, why: `at octet ${reader.offset}: ${reason}` }
  }
}

/** Whether two names are the same to the DNS (RFC 4343). */
export function isSameName(a: string, b: string): boolean {
  return comparable(a) === comparable(b)
}

/** Follows the aliases of `name` through the records of an answer and takes what stands at their end. */
export function answersTo(records: readonly DnsRecord[], name: string, type: DnsType): DnsAnswer {
  const byName = Map.groupBy(records, (record) => comparable(record.name))
  const aliases: string[] = []
  const visited = new Set<string>()
  let ttlSec = Number.POSITIVE_INFINITY
  let owner = comparable(name)
  while (!visited.has(owner)) {
    visited.add(owner)
    const here = byName.get(owner) ?? []
    const found = here.filter((record) => record.type === type)
    const alias = here.find((record) => record.type === 'CNAME')
    for (const record of found.length > 0 || alias === undefined ? found : [alias]) {
      ttlSec = Math.min(ttlSec, record.ttlSec)
    }
    if (found.length > 0 || alias === undefined) {
      return { answers: found.map(({ text }) => text), aliases, ...(Number.isFinite(ttlSec) && { ttlSec }) }
    }
    aliases.push(alias.text)
    owner = comparable(alias.text)
  }
  return { answers: [], aliases, ttlSec }
}

/** Walks a message section by section; throws where the octets end or contradict themselves. */
class SectionReader {
  offset = headerLength
  readonly #octets: Uint8Array
  readonly #view: DataView

  constructor(octets: Uint8Array) {
    this.#octets = octets
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  }

  /** Reads all questions and gives the first. */
  question(count: number): { name: string; type?: DnsType } | undefined {
    let first: { name: string; type?: DnsType } | undefined
    for (let index = 0; index < count; index += 1) {
      const start = this.offset
      this.offset = this.#afterName(start)
      this.#need(4)
      const type = typesByNumber.get(this.#view.getUint16(this.offset))
      this.offset += 4
      first ??= { name: readDnsName(this.#octets, start).text, ...(type !== undefined && { type }) }
    }
    return first
  }

  /** Reads a section of records; gives the upper bits of the RCODE when one of them is an OPT record. */
  records(count: number, take?: (record: DnsRecord) => void): number {
    let upperRcode = 0
    let taken = 0
    for (let index = 0; index < count; index += 1) {
      const start = this.offset
      this.offset = this.#afterName(start)
      this.#need(10)
      const number = this.#view.getUint16(this.offset)
      const ttl = this.#view.getUint32(this.offset + 4)
      const length = this.#view.getUint16(this.offset + 8)
      this.offset += 10
      this.#need(length)
      if (number === optType) upperRcode = ttl >>> 24
      const type = typesByNumber.get(number)
      if (type !== undefined && take !== undefined && taken < mostRecords) {
        taken += 1
        const { text, end } = this.#data(type, this.offset, length)
        if (end !== this.offset + length) throw new RangeError(`${type} data of ${length} octets`)
        take({ name: readDnsName(this.#octets, start).text, type, ttlSec: ttl > 0x7fffffff ? 0 : ttl, text })
      }
      this.offset += length
    }
    return upperRcode
  }

  /** The data of a record as text, and where they end by themselves: that must be where the record does. */
  #data(type: DnsType, start: number, length: number): { readonly text: string; readonly end: number } {
    switch (type) {
      case 'A':
        return { text: this.#address(start, 4), end: start + 4 }
      case 'AAAA':
        return { text: this.#address(start, 16), end: start + 16 }
      case 'NS':
      case 'CNAME':
        return this.#target(start)
      case 'SRV': {
        const { text, end } = this.#target(start + 6)
        const numbers = [0, 2, 4].map((at) => this.#view.getUint16(start + at))
        return { text: [...numbers, text].join(' '), end }
      }
      case 'SOA': {
        const server = this.#target(start)
        const mailbox = this.#target(server.end)
        const numbers = [0, 4, 8, 12, 16].map((at) => this.#view.getUint32(mailbox.end + at))
        return { text: [server.text, mailbox.text, ...numbers].join(' '), end: mailbox.end + 20 }
      }
      case 'TXT':
        return this.#strings(start, start + length)
      default:
        return type satisfies never
    }
  }

  #address(start: number, length: 4 | 16): string {
    let value = 0n
    for (const octet of this.#octets.subarray(start, start + length)) value = (value << 8n) | BigInt(octet)
    return formatAddress({ family: length === 4 ? 4 : 6, value })
  }

  #target(start: number): { readonly text: string; readonly end: number } {
    const { text, end } = readDnsName(this.#octets, start)
    return { text: text.toLowerCase(), end }
  }

  /** Character strings (RFC 1035 §3.3.14), put together as one text. */
  #strings(start: number, end: number): { readonly text: string; readonly end: number } {
    const parts: Uint8Array[] = []
    let at = start
    while (at < end) {
      const length = this.#octets[at] ?? 0
      parts.push(this.#octets.subarray(at + 1, Math.min(end, at + 1 + length)))
      at += 1 + length
    }
    return { text: escapedText(Buffer.concat(parts)), end: at }
  }

  /** Where a name ends that begins at `offset`: pointers are not followed, so that each octet is looked at once. */
  #afterName(offset: number): number {
    for (let at = offset; ; ) {
      const length = this.#octets[at]
      if (length === undefined) throw new RangeError('a name runs past the end')
      if (length === 0) return at + 1
      if (length >= 0xc0) return at + 2
      if (length > longestLabel) throw new RangeError('a label is of an unknown kind')
      at += 1 + length
    }
  }

  #need(octets: number): void {
    const left = this.#octets.length - this.offset
    if (left < octets) throw new RangeError(`${octets} octets wanted, ${Math.max(0, left)} left`)
  }
}

function comparable(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** One bit a letter; a bit that is not there leaves the letter as it is. */
function mixCase(name: string, bits: Uint8Array): string {
  let letter = -1
  return name.replace(/[a-z]/gi, (character) => {
    letter += 1
    const octet = bits[letter >> 3]
    if (octet === undefined) return character
    return ((octet >> (letter & 7)) & 1) === 1 ? character.toUpperCase() : character.toLowerCase()
  })
}

/** The limits of RFC 1035 §2.3.4; a name must be ASCII by now (RFC 5890 A-labels). */
function whyNoName(name: string): string | undefined {
  if (name.length > longestName) return `the name has ${name.length} octets, the limit is ${longestName}`
  for (const label of name.split('.')) {
    if (label === '') return 'the name has an empty label'
    if (label.length > longestLabel) return `a label of ${label.length} octets, the limit is ${longestLabel}`
    if (!/^[!-~]+$/.test(label)) return `the label ${JSON.stringify(label)} is not printable ASCII`
  }
  return undefined
}

/** Text as UTF-8, which SPF and site verification records use; what would act on a terminal as `\DDD`. */
function escapedText(octets: Uint8Array): string {
  return new TextDecoder().decode(octets).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 256 ? escapedOctet(code) : `\\u{${code.toString(16)}}`
  })
}
