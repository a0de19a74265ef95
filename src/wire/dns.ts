import dnsPacket from 'dns-packet'
import { canonicalAddress } from '../model/cidr.ts'
import type { NameLookup } from '../model/observation.ts'

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

/** Reads one message; never throws. What follows a record that cannot be read is left out when the message was cut (TC). */
export function decodeDnsMessage(octets: Uint8Array): DnsMessage {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  if (buffer.length < headerLength) {
    const id = buffer.length >= 2 ? { id: buffer.readUInt16BE(0) } : {}
    return { kind: 'unreadable', ...id, why: `${buffer.length} octets, a header has ${headerLength}` }
  }
  const id = buffer.readUInt16BE(0)
  const flags = buffer.readUInt16BE(2)
  const truncated = (flags & 0x0200) !== 0
  const reader = new SectionReader(buffer)
  try {
    const question = reader.question(buffer.readUInt16BE(4))
    const answers: DnsRecord[] = []
    let upperRcode = 0
    try {
      reader.records(buffer.readUInt16BE(6), (record) => answers.push(record))
      reader.records(buffer.readUInt16BE(8))
      upperRcode = reader.records(buffer.readUInt16BE(10))
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
  readonly #buffer: Buffer

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  /** Reads all questions and gives the first. */
  question(count: number): { name: string; type?: DnsType } | undefined {
    let first: { name: string; type?: DnsType } | undefined
    for (let index = 0; index < count; index += 1) {
      const start = this.offset
      this.offset = this.#afterName(start)
      this.#need(4)
      const type = typesByNumber.get(this.#buffer.readUInt16BE(this.offset))
      this.offset += 4
      first ??= { name: this.#nameAt(start), ...(type !== undefined && { type }) }
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
      const number = this.#buffer.readUInt16BE(this.offset)
      const ttl = this.#buffer.readUInt32BE(this.offset + 4)
      const length = this.#buffer.readUInt16BE(this.offset + 8)
      this.offset += 10
      this.#need(length)
      if (number === optType) upperRcode = ttl >>> 24
      const type = typesByNumber.get(number)
      if (type !== undefined && take !== undefined && taken < mostRecords) {
        taken += 1
        this.#checkEnd(type, length)
        const text = recordText(type, dnsPacket.answer.decode(this.#buffer, start).data)
        take({ name: this.#nameAt(start), type, ttlSec: ttl > 0x7fffffff ? 0 : ttl, text })
      }
      this.offset += length
    }
    return upperRcode
  }

  /** The library trusts the length of a record; data that ends elsewhere is not what it says it is. */
  #checkEnd(type: DnsType, length: number): void {
    const end = this.#dataEnd(type, this.offset, this.offset + length)
    if (end !== this.offset + length) throw new RangeError(`${type} data of ${length} octets`)
  }

  #dataEnd(type: DnsType, start: number, announced: number): number {
    switch (type) {
      case 'A':
        return start + 4
      case 'AAAA':
        return start + 16
      case 'NS':
      case 'CNAME':
        return this.#afterName(start)
      case 'SRV':
        return this.#afterName(start + 6)
      case 'SOA':
        return this.#afterName(this.#afterName(start)) + 20
      case 'TXT':
        return announced
      default:
        return type satisfies never
    }
  }

  #nameAt(offset: number): string {
    return printableName(dnsPacket.name.decode(this.#buffer, offset))
  }

  /** Where a name ends that begins at `offset`: pointers are not followed, so that each octet is looked at once. */
  #afterName(offset: number): number {
    for (let at = offset; ; ) {
      const length = this.#buffer[at]
      if (length === undefined) throw new RangeError('a name runs past the end')
      if (length === 0) return at + 1
      if (length >= 0xc0) return at + 2
      if (length > longestLabel) throw new RangeError('a label is of an unknown kind')
      at += 1 + length
    }
  }

  #need(octets: number): void {
    const left = this.#buffer.length - this.offset
    if (left < octets) throw new RangeError(`${octets} octets wanted, ${Math.max(0, left)} left`)
  }
}

function recordText(type: DnsType, data: unknown): string {
  const fields: Readonly<Record<string, unknown>> = typeof data === 'object' && data !== null ? { ...data } : {}
  const field = (name: string): string => String(fields[name])
  switch (type) {
    case 'A':
    case 'AAAA':
      return canonicalAddress(String(data)) ?? String(data)
    case 'NS':
    case 'CNAME':
      return targetName(String(data))
    case 'SRV':
      return [field('priority'), field('weight'), field('port'), targetName(field('target'))].join(' ')
    case 'SOA': {
      const numbers = ['serial', 'refresh', 'retry', 'expire', 'minimum'].map(field)
      return [targetName(field('mname')), targetName(field('rname')), ...numbers].join(' ')
    }
    case 'TXT':
      return printableText(Array.isArray(data) ? data.map(String).join('') : String(data))
    default:
      return type satisfies never
  }
}

function targetName(name: string): string {
  return printableName(name).toLowerCase()
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

/** Octets of a label that would not be seen, or would act on a terminal, as `\DDD` (RFC 1035 §5.1). */
function printableName(name: string): string {
  return name.replaceAll(/[^!-~]/gu, escaped)
}

function printableText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, escaped)
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 256 ? `\\${String(code).padStart(3, '0')}` : `\\u{${code.toString(16)}}`
}
