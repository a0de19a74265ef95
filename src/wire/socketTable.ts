import { parseHostPort } from '../model/cidr.ts'
import type { SocketPlace } from './socketPlace.ts'
import { readSocketPlace } from './socketPlace.ts'

/** Where a connection stands (RFC 9293 §3.3.2), as far as a count of connections needs it. */
export type SocketState = 'opening' | 'established' | 'closing' | 'listening'

/** One TCP socket of this machine. */
export interface SocketRow {
  readonly local: SocketPlace
  readonly peer: SocketPlace
  readonly state: SocketState
}

/** How many connections there are to one place. */
export interface PeerCount {
  readonly peer: SocketPlace
  /** SYN-SENT and SYN-RECEIVED: asked for and not there yet. */
  readonly opening: number
  readonly established: number
  /** From FIN-WAIT-1 to TIME-WAIT: over, and holding a port. */
  readonly closing: number
}

/** More sockets than this are counted no further: a machine that has them has other needs. */
export const mostSockets = 262_144

/** By the number that the kernel's table has (include/net/tcp_states.h). */
const byNumber: Readonly<Record<string, SocketState>> = {
  '01': 'established',
  '02': 'opening',
  '03': 'opening',
  '04': 'closing',
  '05': 'closing',
  '06': 'closing',
  '07': 'closing',
  '08': 'closing',
  '09': 'closing',
  '0A': 'listening',
  '0B': 'closing',
  '0C': 'opening',
}

/** By the word that `netstat -an` has; no system translates them. */
const byWord: Readonly<Record<string, SocketState>> = {
  ESTABLISHED: 'established',
  SYN_SENT: 'opening',
  SYN_RECEIVED: 'opening',
  SYN_RCVD: 'opening',
  SYN_RECV: 'opening',
  FIN_WAIT_1: 'closing',
  FIN_WAIT_2: 'closing',
  FIN_WAIT1: 'closing',
  FIN_WAIT2: 'closing',
  CLOSE_WAIT: 'closing',
  CLOSING: 'closing',
  LAST_ACK: 'closing',
  TIME_WAIT: 'closing',
  LISTENING: 'listening',
  LISTEN: 'listening',
}

/**
 * Reads `/proc/net/tcp` or `/proc/net/tcp6` of Linux (proc_pid_net(5)); lines that are none are passed over.
 *
 * @param littleEndian how the kernel's machine keeps numbers
 */
export function readSocketTable(text: string, littleEndian: boolean): readonly SocketRow[] {
  const rows: SocketRow[] = []
  for (const [, here, there, number] of text.matchAll(tableLine)) {
    if (rows.length === mostSockets) break
    const state = byNumber[number ?? '']
    const local = readSocketPlace(here ?? '', littleEndian)
    const peer = readSocketPlace(there ?? '', littleEndian)
    if (state !== undefined && local !== undefined && peer !== undefined) rows.push({ local, peer, state })
  }
  return rows
}

const tableLine = /^ *\d+: ([0-9A-F]{8,32}:[0-9A-F]{4}) ([0-9A-F]{8,32}:[0-9A-F]{4}) ([0-9A-F]{2}) /gm

/**
 * Reads the TCP lines of `netstat -an`, as Windows (`10.0.0.1:50123`, `[2001:db8::1%5]:443`) and macOS
 * (`10.0.0.1.50123`, IPv6 without brackets) write places.
 */
export function readNetstat(text: string): readonly SocketRow[] {
  const rows: SocketRow[] = []
  for (const line of text.split(/\r?\n/)) {
    if (rows.length === mostSockets) break
    const [kind = '', ...fields] = line.trim().split(/\s+/, 7)
    const state = byWord[fields.at(-1) ?? ''] ?? byWord[fields[2] ?? '']
    if (!/^tcp[46]*$/i.test(kind) || state === undefined) continue
    // macOS has two columns of queues before the places.
    const [here = '', there = ''] = /^\d+$/.test(fields[0] ?? '') ? fields.slice(2) : fields
    const local = placeIn(here)
    const peer = placeIn(there) ?? (state === 'listening' ? nowhere : undefined)
    if (local !== undefined && peer !== undefined) rows.push({ local, peer, state })
  }
  return rows
}

const nowhere: SocketPlace = Object.freeze({ address: '0.0.0.0', port: 0 })

function placeIn(written: string): SocketPlace | undefined {
  const [, host = '', port = ''] = /^(.{1,80})[.:](\d{1,5})$/.exec(written) ?? []
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const parsed = parseHostPort(bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`)
  if (parsed?.port === undefined) return undefined
  return /^[\d.]+$|:/.test(parsed.host) ? { address: parsed.host, port: parsed.port } : undefined
}

/** Connections by the place at their other end; what only listens is none. In the order in which places were met first. */
export function countByPeer(rows: readonly SocketRow[]): readonly PeerCount[] {
  const counts = new Map<string, { peer: SocketPlace; opening: number; established: number; closing: number }>()
  for (const { peer, state } of rows) {
    if (state === 'listening') continue
    const key = `${peer.address} ${peer.port}`
    const count = counts.get(key) ?? { peer, opening: 0, established: 0, closing: 0 }
    count[state] += 1
    counts.set(key, count)
  }
  return [...counts.values()]
}
