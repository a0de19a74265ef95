import type { Socket } from 'node:net'
import { plainAddress } from '../../model/plainAddress.ts'
import { readFirstOctets } from '../../wire/clientHello.ts'
import type { Clock } from '../clock.ts'
import { msSince } from '../clock.ts'
import type { ConnectionNews, ListenedConnection, Refusal } from '../listened.ts'
import { shownName } from './shownName.ts'

/** Both ends of a connection: addresses are canonical, and IPv4 as such where the socket is one of IPv6. */
export interface Ends {
  readonly address: string
  readonly port: number
  readonly localAddress: string
  readonly localPort: number
}

/** The ends of a socket; undefined where it was gone before it was looked at. */
export function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  return {
    address: plain(remoteAddress),
    port: remotePort,
    localAddress: plain(localAddress ?? ''),
    localPort: localPort ?? 0,
  }
}

/** A socket of IPv6 shows IPv4 as mapped addresses (RFC 4291 §2.5.5.2), and link-local ones with the zone of this machine. */
function plain(address: string): string {
  const text = address.replace(/%.*$/, '')
  return plainAddress(text) ?? text
}

/**
 * One connection from its first octet to its last, and what is told of it: either that it was refused, once, or that it
 * was opened and, once, that it closed.
 */
export class Connection {
  readonly id: number
  readonly raw: Socket
  readonly ends: Ends
  readonly #tell: (news: ConnectionNews) => void
  readonly #clock: Clock
  readonly #startMs: number
  #shaken: () => void = () => {}
  #state: 'shaking' | 'open' | 'over' = 'shaking'
  #listened: ListenedConnection | undefined
  /** The first octets that came, for the name that was asked for where the handshake fails before it is known. */
  #hello: Uint8Array | undefined

  constructor(id: number, raw: Socket, ends: Ends, clock: Clock, tell: (news: ConnectionNews) => void) {
    this.id = id
    this.raw = raw
    this.ends = ends
    this.#clock = clock
    this.#startMs = clock.monotonicMs()
    this.#tell = tell
  }

  /** Undefined until the handshake is done. */
  get listened(): ListenedConnection | undefined {
    return this.#listened
  }

  /** Keeps what the name is read from. */
  greeted(octets: Uint8Array): void {
    this.#hello = octets
  }

  /** Calls back when the handshake is done. */
  whenShaken(shaken: () => void): void {
    this.#shaken = shaken
  }

  opened(facts: Pick<ListenedConnection, 'tlsVersion' | 'protocol' | 'serverName' | 'certificateSha256'>): void {
    if (this.#state !== 'shaking') return
    this.#state = 'open'
    this.#hello = undefined
    this.#listened = { id: this.id, ...this.ends, ...facts }
    this.#shaken()
    this.#tell({ kind: 'opened', connection: this.#listened })
  }

  /** Tells why the handshake ended, once, or that a request over the open connection was refused; cuts nothing. */
  refused(why: Refusal): void {
    if (this.#state === 'over') return
    const serverName = this.#listened === undefined ? this.#askedName() : this.#listened.serverName
    if (this.#state === 'shaking') this.#state = 'over'
    this.#tell({
      kind: 'refused',
      why,
      ...this.ends,
      ...(serverName !== undefined && { serverName }),
      ...(this.#listened !== undefined && { connection: this.#listened }),
    })
  }

  /** The socket is closed. */
  closed(): void {
    if (this.#state === 'shaking') this.refused('tls-aborted')
    if (this.#state !== 'open' || this.#listened === undefined) return
    this.#state = 'over'
    this.#tell({
      kind: 'closed',
      connection: this.#listened,
      bytesIn: this.raw.bytesRead,
      bytesOut: this.raw.bytesWritten,
      ms: msSince(this.#clock, this.#startMs),
    })
  }

  #askedName(): string | undefined {
    if (this.#hello === undefined) return undefined
    const read = readFirstOctets(this.#hello)
    return read.kind === 'client-hello' ? shownName(read.serverName) : undefined
  }
}
