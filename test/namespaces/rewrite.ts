/**
 * Answers of a domain controller, changed on the way to the client: what a controller says that is no global catalog, is
 * not in step yet, or tells nobody its ports, where a real one cannot be brought to it. All else of an answer is as the
 * real one gave it.
 */
import dnsPacket from 'dns-packet'
import type { Element } from '../../src/wire/der.ts'
import { element, elements, encoded } from '../../src/wire/der.ts'

/** New value for a value of an attribute, whose name is in lower case. */
export type ValueChange = (attribute: string, value: Uint8Array) => Uint8Array

const searchResultEntry = 0x64
const latin = new TextDecoder('latin1')
const octetsOf = (octets: Uint8Array, { from, to }: Element): Uint8Array => octets.subarray(from, to)
const whole = (octets: Uint8Array, { start, to }: Element): Uint8Array => octets.subarray(start, to)

/** LDAP messages (RFC 4511 §4.1.1), one behind the other, with the values of found entries changed. */
export function rewriteLdap(octets: Uint8Array, change: ValueChange): Uint8Array {
  return Buffer.concat(
    [...elements(octets, 0, octets.length)].map((message) => rewriteMessage(octets, message, change)),
  )
}

function rewriteMessage(octets: Uint8Array, message: Element, change: ValueChange): Uint8Array {
  const [id, body, ...controls] = elements(octets, message.from, message.to)
  const [name, list] = body?.tag === searchResultEntry ? elements(octets, body.from, body.to) : []
  if (id === undefined || body === undefined || name === undefined || list === undefined) return whole(octets, message)
  const attributes = [...elements(octets, list.from, list.to)].map((one) => rewriteAttribute(octets, one, change))
  const entry = encoded(body.tag, whole(octets, name), encoded(list.tag, ...attributes))
  return encoded(message.tag, whole(octets, id), entry, ...controls.map((one) => whole(octets, one)))
}

function rewriteAttribute(octets: Uint8Array, attribute: Element, change: ValueChange): Uint8Array {
  const [type, values] = elements(octets, attribute.from, attribute.to)
  if (type === undefined || values === undefined) return whole(octets, attribute)
  const name = latin.decode(octetsOf(octets, type)).toLowerCase()
  const changed = [...elements(octets, values.from, values.to)].map((value) =>
    encoded(value.tag, change(name, octetsOf(octets, value))),
  )
  return encoded(attribute.tag, whole(octets, type), encoded(values.tag, ...changed))
}

/** Octets of the LDAP message that these begin with; undefined while too few are there to know. */
export function lengthOfLdap(octets: Uint8Array): number | undefined {
  const message = element(octets, 0, Number.POSITIVE_INFINITY)
  return message === undefined || message.from > octets.length ? undefined : message.to
}

/** DS_GC_FLAG (MS-ADTS §6.3.1.2), and where the flags stand in the answer to a ping (§6.3.1.9). */
const catalogFlag = 0x4
const flagsAt = 4

/** What a controller says that is no global catalog: the flag of its locator, and the word of its root entry. */
export const asNoCatalog: ValueChange = (attribute, value) => {
  if (attribute === 'isglobalcatalogready') return Buffer.from('FALSE')
  if (attribute !== 'netlogon' || value.length < flagsAt + 4) return value
  const changed = Buffer.from(value)
  changed.writeUInt32LE((changed.readUInt32LE(flagsAt) & ~catalogFlag) >>> 0, flagsAt)
  return changed
}

/** What a controller says whose first replication has not come to its end. */
export const asNotSynchronised: ValueChange = (attribute, value) =>
  attribute === 'issynchronized' ? Buffer.from('FALSE') : value

const rpcHeader = { type: 2, flags: 3, length: 8, size: 16 } as const
const rpcType = { response: 2, fault: 3 } as const
/** The only fragment, and the call was not made (C706 §12.6.3.1). */
const wholeAndNotExecuted = 0x01 | 0x02 | 0x20
/** nca_s_fault_access_denied, as Microsoft's runtime says it: ERROR_ACCESS_DENIED (MS-RPCE §2.2.2.8). */
const accessDenied = 5
const faultOctets = 32

/** Octets of the DCE/RPC fragment that these begin with; of one that is shorter than its own header nothing is known. */
export function lengthOfRpc(octets: Uint8Array): number | undefined {
  if (octets.length < rpcHeader.size) return undefined
  const length = Buffer.from(octets.buffer, octets.byteOffset).readUInt16LE(rpcHeader.length)
  return length < rpcHeader.size ? undefined : length
}

/** A fragment as an endpoint mapper sends it that answers nobody who has not signed in: what it returns is a fault. */
export function asRestrictedMapper(fragment: Uint8Array): Uint8Array {
  if (fragment[rpcHeader.type] !== rpcType.response) return fragment
  const fault = Buffer.alloc(faultOctets)
  // Header, allocation hint, context and cancel count are those of the response.
  fault.set(fragment.subarray(0, 24))
  fault[rpcHeader.type] = rpcType.fault
  fault[rpcHeader.flags] = wholeAndNotExecuted
  fault.writeUInt16LE(faultOctets, rpcHeader.length)
  fault.writeUInt32LE(accessDenied, 24)
  return fault
}

/** Octets of the DNS message over TCP that these begin with, with its length before it (RFC 1035 §4.2.2). */
export function lengthOfDns(octets: Uint8Array): number | undefined {
  const [high, low] = octets
  return high === undefined || low === undefined ? undefined : 2 + high * 256 + low
}

/** An answer as a server gives it that has not got the last change of a zone: its serial is one less. */
export function asOlderZone(message: Uint8Array): Uint8Array {
  const octets = Buffer.from(message)
  const soa = dnsPacket.decode(octets).answers.find(({ type }) => type === 'SOA')
  if (soa?.type !== 'SOA') return octets
  const { serial, refresh, retry, expire, minimum } = soa.data
  // The end of the record (RFC 1035 §3.3.13), which stands nowhere else.
  const numbers = Buffer.alloc(20)
  for (const [at, number] of [serial, refresh, retry, expire, minimum].entries()) numbers.writeUInt32BE(number, at * 4)
  octets.writeUInt32BE((serial - 1) >>> 0, octets.indexOf(numbers))
  return octets
}

/** The same over TCP. */
export function asOlderStream(message: Uint8Array): Uint8Array {
  const changed = asOlderZone(message.subarray(2))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(changed.length)
  return Buffer.concat([length, changed])
}
