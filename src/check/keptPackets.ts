import type { Sniffed } from '../net/sniff.ts'
import type { TcpSegment, UdpDatagram } from '../wire/packet.ts'

/** Segments and datagrams kept of one connection: what opens it, what is said first, what is said again. */
const mostOfOne = 24
/** ICMP errors kept about one place: a device may answer every packet with one. */
const mostErrors = 64
/** Packets kept in all, some 300 octets each: ten a flow of the largest check. */
const mostPackets = 120_000

type Carried = TcpSegment | UdpDatagram

/** What is kept of one place: of each own port its packets, and the errors about it. */
interface Place {
  readonly byOwnPort: Map<string, Sniffed[]>
  readonly errors: Sniffed[]
}

/**
 * The packets of a capture as far as an attempt may need them, by the place that was asked: the headers of what opens,
 * refuses and ends connections, of what this machine says, and the first of what it is told. All else is let go of at
 * once, so that neither a fast line nor a long check fills the memory; where it is too much still, the oldest places go.
 */
export class KeptPackets {
  readonly #addresses: ReadonlySet<string>
  readonly #places = new Map<string, Place>()
  #count = 0
  #seen = 0
  #isWhole = true

  /** @param addresses that are asked, canonical: of what is between others nothing is kept */
  constructor(addresses: Iterable<string>) {
    this.#addresses = new Set(addresses)
  }

  /** Packets that were looked at. */
  get seen(): number {
    return this.#seen
  }

  /** Packets that are kept. */
  get count(): number {
    return this.#count
  }

  add(one: Sniffed): void {
    this.#seen += 1
    const { packet } = one
    if (packet.kind === 'tcp' || packet.kind === 'udp') {
      const { source, sourcePort, destination, destinationPort } = packet
      if (this.#addresses.has(destination)) this.#keep(one, packet, destination, destinationPort, sourcePort, true)
      if (this.#addresses.has(source)) this.#keep(one, packet, source, sourcePort, destinationPort, false)
    } else if (packet.kind === 'icmp-error' && packet.about?.destinationPort !== undefined) {
      const { destination, destinationPort } = packet.about
      if (!this.#addresses.has(destination)) return
      const { errors } = this.#place(destination, destinationPort)
      if (errors.length < mostErrors) this.#push(errors, one)
    }
  }

  /** What is kept of a place, in the order in which it was seen of each connection. */
  at(address: string, port: number): readonly Sniffed[] {
    const place = this.#places.get(keyOf(address, port))
    return place === undefined ? [] : [...[...place.byOwnPort.values()].flat(), ...place.errors]
  }

  /** Whether other ports of an address were seen and this one never was, of all that there was to see. */
  isMissing(address: string, port: number): boolean {
    if (!this.#isWhole || this.#places.has(keyOf(address, port))) return false
    return [...this.#places.keys()].some((key) => key.startsWith(`${address} `))
  }

  #keep(one: Sniffed, packet: Carried, address: string, port: number, ownPort: number, isOut: boolean): void {
    // A place of this machine has two ends here: where a connection comes from is no place that was asked.
    const isOpening = packet.kind === 'udp' ? isOut : isOut && packet.syn && !packet.ack
    const known = this.#places.get(keyOf(address, port))
    if (known === undefined && !isOpening) return
    const { byOwnPort } = known ?? this.#place(address, port)
    const name = `${packet.kind} ${ownPort}`
    let kept = byOwnPort.get(name)
    if (kept === undefined) {
      if (!isOpening) return
      kept = []
      byOwnPort.set(name, kept)
    }
    const isControl = packet.kind === 'tcp' && (packet.syn || packet.rst || packet.fin)
    if (!isControl && !isTelling(packet, kept, isOut)) return
    // A reset comes last, and is what is looked for.
    if (kept.length < mostOfOne || (isControl && kept.length < mostOfOne * 2)) this.#push(kept, one)
  }

  #place(address: string, port: number): Place {
    const key = keyOf(address, port)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const made: Place = { byOwnPort: new Map(), errors: [] }
    this.#places.set(key, made)
    return made
  }

  #push(into: Sniffed[], one: Sniffed): void {
    into.push(one)
    this.#count += 1
    if (this.#count > mostPackets) this.#letGo()
  }

  /** The oldest places go, a quarter of all at once: one by one each would be looked for among those that went before. */
  #letGo(): void {
    this.#isWhole = false
    for (const [key, { byOwnPort, errors }] of this.#places) {
      if (this.#count <= mostPackets * 0.75) return
      this.#places.delete(key)
      this.#count -= errors.length
      for (const kept of byOwnPort.values()) this.#count -= kept.length
    }
  }
}

const keyOf = (address: string, port: number): string => `${address} ${port}`

/** What this machine says may be said again; of what it is told, that something came is enough. */
function isTelling(packet: Carried, kept: readonly Sniffed[], isOut: boolean): boolean {
  if (packet.payloadOctets === 0) return false
  if (isOut) return true
  return !kept.some(
    ({ packet: other }) =>
      (other.kind === 'tcp' || other.kind === 'udp') && other.source === packet.source && other.payloadOctets > 0,
  )
}
