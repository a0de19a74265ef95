import { formatAddress } from '../model/cidr.ts'
import type { RpcInterface, RpcResponse } from './dceRpc.ts'
import { encodeRpcRequest, ndr } from './dceRpc.ts'
import { guidLength, guidText, octetsOfGuid } from './guid.ts'
import { u16, u32 } from './littleEndian.ts'
import { statusName } from './statusName.ts'

/**
 * The question to the RPC endpoint mapper on port 135 where an interface listens (C706 appendix O, ept_map), and its
 * answer. The ports that it names are the ones of the dynamic range that a client really needs.
 */

/**
 * The endpoint mapper itself, and what a domain controller offers to members of the domain over RPC: `drsuapi` is
 * directory replication (MS-DRSR), `netlogon` the secure channel (MS-NRPC), `lsarpc` names and trusts (MS-LSAD),
 * `samr` accounts (MS-SAMR).
 */
export const rpcInterfaces = {
  epm: { name: 'epm', uuid: 'e1af8308-5d1f-11c9-91a4-08002b14a0fa', major: 3, minor: 0 },
  drsuapi: { name: 'drsuapi', uuid: 'e3514235-4b06-11d1-ab04-00c04fc2dcd2', major: 4, minor: 0 },
  netlogon: { name: 'netlogon', uuid: '12345678-1234-abcd-ef00-01234567cffb', major: 1, minor: 0 },
  lsarpc: { name: 'lsarpc', uuid: '12345778-1234-abcd-ef00-0123456789ab', major: 0, minor: 0 },
  samr: { name: 'samr', uuid: '12345778-1234-abcd-ef00-0123456789ac', major: 1, minor: 0 },
} as const satisfies Readonly<Record<string, RpcInterface>>

/** Where an interface listens. */
export interface RpcEndpoint {
  readonly port: number
  /** IPv4, as the server sees itself: behind NAT it is not the one to connect to; `0.0.0.0` stands for all that it has. */
  readonly address: string
}

/** What the mapper says of an interface. */
export type EptMapAnswer =
  | { readonly kind: 'unreadable'; readonly why: string }
  /** At least one endpoint, in the mapper's order; `leftOut` counts towers that are not over TCP and IPv4, or of another interface. */
  | { readonly kind: 'mapped'; readonly endpoints: readonly RpcEndpoint[]; readonly leftOut: number }
  /** The mapper took the question, and names no TCP endpoint: it knows the interface elsewhere, or will not tell. */
  | { readonly kind: 'empty'; readonly leftOut: number }
  /** No server of this interface runs there (EPT_S_NOT_REGISTERED). */
  | { readonly kind: 'not-registered' }
  /** Another status, in words where it has a name. */
  | { readonly kind: 'refused'; readonly status: number; readonly name: string }

const eptMap = 3
/** Protocol identifiers of tower floors (C706 appendix I). */
const protocol = { ip: 0x09, connectionOriented: 0x0b, tcp: 0x07, uuid: 0x0d } as const
/** Towers that are asked for, and taken, at most: a server with several addresses has one for each. */
const mostTowers = 16
const nullPointer = 0
/** A context handle: attributes and a UUID. */
const handleLength = 4 + guidLength

/** error_status_t of the mapper (C706 appendix E), and the Win32 errors of the same meaning. */
const statusNames: ReadonlyMap<number, string> = new Map([
  [0x0005, 'ERROR_ACCESS_DENIED'],
  [0x06d8, 'EPT_S_CANT_PERFORM_OP'],
  [0x06d9, 'EPT_S_NOT_REGISTERED'],
  [0x16c9_a0cd, 'EPT_S_CANT_PERFORM_OP'],
  [0x16c9_a0ce, 'EPT_S_NO_MEMORY'],
  [0x16c9_a0cf, 'EPT_S_DATABASE_INVALID'],
  [0x16c9_a0d1, 'EPT_S_CANT_ACCESS'],
  [0x16c9_a0d3, 'EPT_S_INVALID_ENTRY'],
  [0x16c9_a0d5, 'EPT_S_INVALID_CONTEXT'],
  [0x16c9_a0d6, 'EPT_S_NOT_REGISTERED'],
  [0x16c9_a0d7, 'EPT_S_SERVER_UNAVAILABLE'],
])

/** Writes the call of ept_map for an interface over TCP, of any object and any address. */
export function encodeEptMap(asked: RpcInterface, callId: number): Uint8Array {
  const tower = towerOf(asked)
  const towerPointer = 1
  const padding = new Uint8Array(-tower.length & 3)
  const newLookup = new Uint8Array(handleLength)
  const stub = Uint8Array.from([
    ...u32(nullPointer),
    ...u32(towerPointer),
    // The size of the array as NDR wants it before the structure, then as the structure's own field.
    ...u32(tower.length),
    ...u32(tower.length),
    ...tower,
    ...padding,
    ...newLookup,
    ...u32(mostTowers),
  ])
  return encodeRpcRequest(eptMap, stub, callId)
}

/** A protocol tower: interface, transfer syntax, RPC over a connection, TCP, IP; each floor a left and a right side. */
function towerOf(asked: RpcInterface): Uint8Array {
  const anyPort = [0, 0]
  const anyAddress = [0, 0, 0, 0]
  return Uint8Array.from([
    ...u16(5),
    ...syntaxFloor(asked),
    ...syntaxFloor(ndr),
    ...floor([protocol.connectionOriented], u16(0)),
    ...floor([protocol.tcp], anyPort),
    ...floor([protocol.ip], anyAddress),
  ])
}

function syntaxFloor({ uuid, major, minor }: RpcInterface): readonly number[] {
  return floor([protocol.uuid, ...octetsOfGuid(uuid), ...u16(major)], u16(minor))
}

function floor(left: readonly number[], right: readonly number[]): readonly number[] {
  return [...u16(left.length), ...left, ...u16(right.length), ...right]
}

/**
 * Reads what ept_map returned; never throws.
 *
 * @param asked the interface of the question: towers of others are left out
 */
export function decodeEptMapAnswer({ stub, littleEndian }: RpcResponse, asked: RpcInterface): EptMapAnswer {
  const reader = new NdrReader(stub, littleEndian)
  reader.skip(handleLength)
  const towers = reader.u32()
  const size = reader.u32()
  const offset = reader.u32()
  const length = reader.u32()
  if (towers === undefined || size === undefined || offset === undefined || length === undefined) return cutShort
  if (towers > mostTowers) return unreadable(`${towers} towers, asked was for ${mostTowers} at most`)
  if (length !== towers || offset !== 0 || size < length) {
    return unreadable(`${towers} towers, in an array of ${size} that holds ${length} from ${offset} on`)
  }
  let pointers = 0
  for (let n = 0; n < towers; n += 1) if (reader.u32() !== nullPointer) pointers += 1
  const endpoints: RpcEndpoint[] = []
  for (let n = 0; n < pointers; n += 1) {
    const octets = readTower(reader)
    if (typeof octets === 'string') return unreadable(octets)
    const endpoint = endpointIn(octets, asked)
    if (endpoint !== undefined) endpoints.push(endpoint)
  }
  const status = reader.u32()
  if (status === undefined) return cutShort
  const leftOut = towers - endpoints.length
  const name = statusName(status, statusNames)
  if (name === 'EPT_S_NOT_REGISTERED') return { kind: 'not-registered' }
  if (status !== 0) return { kind: 'refused', status, name }
  return endpoints.length > 0 ? { kind: 'mapped', endpoints, leftOut } : { kind: 'empty', leftOut }
}

const cutShort: EptMapAnswer = { kind: 'unreadable', why: 'the answer of ept_map ends too early' }

function unreadable(why: string): EptMapAnswer {
  return { kind: 'unreadable', why }
}

/** twr_t: its size twice, and octets. Says why where there is none. */
function readTower(reader: NdrReader): Uint8Array | string {
  const size = reader.u32()
  const length = reader.u32()
  if (size === undefined || length === undefined) return 'a tower is missing'
  if (size !== length) return `a tower of ${length} octets, in an array of ${size}`
  return reader.octets(length) ?? `a tower of ${length} octets runs past the end`
}

/** Octets of a call's results from front to end; what is not there is undefined, and so is all that follows. */
class NdrReader {
  readonly #stub: Uint8Array
  readonly #view: DataView
  readonly #littleEndian: boolean
  #at = 0

  constructor(stub: Uint8Array, littleEndian: boolean) {
    this.#stub = stub
    this.#view = new DataView(stub.buffer, stub.byteOffset, stub.byteLength)
    this.#littleEndian = littleEndian
  }

  skip(length: number): void {
    this.#at += length
  }

  /** A number, which stands at a multiple of 4. */
  u32(): number | undefined {
    const from = Math.ceil(this.#at / 4) * 4
    this.#at = from + 4
    return this.#at > this.#stub.length ? undefined : this.#view.getUint32(from, this.#littleEndian)
  }

  octets(length: number): Uint8Array | undefined {
    const from = this.#at
    this.#at += length
    return this.#at > this.#stub.length ? undefined : this.#stub.subarray(from, this.#at)
  }
}

/**
 * Where a tower leads; undefined when it is of another interface, or not over TCP and IPv4. Numbers of a tower come with
 * the low octet first, the port and the address with the high one, whatever the byte order of the answer is.
 */
function endpointIn(tower: Uint8Array, asked: RpcInterface): RpcEndpoint | undefined {
  const [syntax, , rpc, ...below] = floorsOf(tower)
  const isAsked =
    syntax?.protocol === protocol.uuid &&
    guidText(syntax.left) === asked.uuid &&
    numberIn(syntax.left.subarray(guidLength).toReversed()) === asked.major
  if (!isAsked || rpc?.protocol !== protocol.connectionOriented) return undefined
  const tcp = below.find((each) => each.protocol === protocol.tcp && each.right.length === 2)
  const ip = below.find((each) => each.protocol === protocol.ip && each.right.length === 4)
  const port = tcp && numberIn(tcp.right)
  if (port === undefined || port === 0 || ip === undefined) return undefined
  return { port, address: formatAddress({ family: 4, value: BigInt(numberIn(ip.right)) }) }
}

interface Floor {
  readonly protocol: number
  /** What follows the protocol on the left side, such as an interface's UUID. */
  readonly left: Uint8Array
  readonly right: Uint8Array
}

/** The floors that are there, up to the first that is not whole. */
function floorsOf(tower: Uint8Array): readonly Floor[] {
  const floors: Floor[] = []
  const counted = numberIn(tower.subarray(0, 2).toReversed())
  let from = 2
  for (let n = 0; n < counted; n += 1) {
    const left = sideAt(tower, from)
    const right = left && sideAt(tower, left.byteOffset - tower.byteOffset + left.length)
    const identifier = left?.[0]
    if (left === undefined || right === undefined || identifier === undefined) break
    floors.push({ protocol: identifier, left: left.subarray(1), right })
    from = right.byteOffset - tower.byteOffset + right.length
  }
  return floors
}

/** A side of a floor, behind the two octets of its length. */
function sideAt(tower: Uint8Array, from: number): Uint8Array | undefined {
  const start = from + 2
  const end = start + numberIn(tower.subarray(from, start).toReversed())
  return start <= tower.length && end <= tower.length ? tower.subarray(start, end) : undefined
}

function numberIn(octets: Uint8Array): number {
  return octets.reduce((number, octet) => number * 256 + octet, 0)
}
