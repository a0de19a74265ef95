import { canonicalAddress, cidrContains, parseAddress, parseCidr } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { ListenDoor, ListenFlow, ListenPeer, ListenReport, ListenState } from '../model/listenReport.ts'
import type { Arrival } from '../net/answerAt.ts'
import type { Door, Doorless } from '../plan/doorsAt.ts'
import { openingOf } from '../plan/doorsAt.ts'
import type { HalfOpen } from '../wire/halfOpen.ts'
import { plain } from './render/plain.ts'

/** Who comes is told line by line up to so many different ones; from then on the first of each planned flow, and counts. */
const mostLines = 1000
/** Peers that are remembered of one flow, and of those whom no flow knows. */
const mostPeers = 16
const mostOthers = 64

/** What has come of one flow. */
interface Entry {
  readonly flow: Flow
  seen: ListenState
  spoke: boolean
  readonly peers: Map<string, number>
  furtherTimes: number
  /** What was told of it, by kind. */
  readonly told: Set<string>
}

/** From what is known least to what is known most. */
const ranks: readonly ListenState[] = ['not-listened', 'not-seen', 'half-open', 'arrived', 'connected']

/**
 * Keeps the books of what comes: which planned flow it is, by the address it comes from, and how often. Bounded whatever
 * comes, and of what is planned nothing is lost for it.
 */
export class ListenLedger {
  readonly #doors: ReadonlyMap<string, readonly Entry[]>
  readonly #entries = new Map<string, Entry>()
  readonly #doorless: readonly Doorless[]
  readonly #others = new Map<string, { readonly place: string; readonly address: string; times: number }>()
  readonly #told = new Map<string, number>()
  #furtherOthers = 0
  #isFullTold = false

  constructor(doors: readonly Door[], doorless: readonly Doorless[], isOpen: (door: Door) => boolean) {
    for (const door of doors) {
      for (const flow of door.flows) {
        const known = this.#entries.get(openingOf(flow))
        const seen = isOpen(door) ? 'not-seen' : (known?.seen ?? 'not-listened')
        if (known === undefined) {
          this.#entries.set(openingOf(flow), entryOf(flow, seen))
        } else {
          known.seen = seen
        }
      }
    }
    this.#doorless = doorless
    this.#doors = new Map(
      doors.map((door) => [
        `${door.port}/${door.transport}`,
        door.flows.flatMap((flow) => this.#entries.get(openingOf(flow)) ?? []),
      ]),
    )
  }

  /** @returns the line that tells of it, where it is to be told */
  take({ at, from, kind }: Arrival): string | undefined {
    const place = `${at.port}/${at.transport}`
    // A connection is told when it is known whether something was said on it.
    const counts = kind === 'connected' || kind === 'turned-away' || kind === 'out-of-files' || at.transport === 'udp'
    const { flows, known } = this.#flowsFrom(place, from.address)
    for (const entry of flows) {
      raise(entry, at.transport === 'tcp' ? 'connected' : 'arrived')
      if (kind === 'spoke' || kind === 'datagram') entry.spoke = true
      if (counts) count(entry, from.address)
    }
    if (counts && !known) this.#countOther(place, from.address)
    if (kind === 'connected') return undefined
    return this.#line(kind, place, from, flows, wordsOf[kind](place))
  }

  /** @returns the line that tells of it, where it is to be told */
  takeHalfOpen({ port, peer }: HalfOpen): string | undefined {
    const place = `${port}/tcp`
    const { flows, known } = this.#flowsFrom(place, peer.address)
    for (const entry of flows) {
      raise(entry, 'half-open')
      count(entry, peer.address)
    }
    if (!known) this.#countOther(place, peer.address)
    const says = `asks for ${place} and does not hear the answer: the way back is cut`
    return this.#line('half-open', place, peer, flows, says)
  }

  report(): Pick<ListenReport, 'summary' | 'flows' | 'others' | 'furtherOthers'> {
    const flows = [
      ...[...this.#entries.values()].map((entry) => flowOf(entry)),
      ...this.#doorless.map(({ flow, why }) => ({
        ...flowOf(entryOf(flow, 'not-listened')),
        why,
      })),
    ]
    const having = (state: ListenState): number => flows.filter(({ seen }) => seen === state).length
    return {
      summary: {
        connected: having('connected'),
        arrived: having('arrived'),
        halfOpen: having('half-open'),
        notSeen: having('not-seen'),
        notListened: having('not-listened'),
      },
      flows,
      others: [...this.#others.values()].map(({ place, address, times }) => {
        const [port, transport] = place.split('/')
        return { address, times, port: Number(port), transport: transport === 'udp' ? 'udp' : 'tcp' }
      }),
      furtherOthers: this.#furtherOthers,
    }
  }

  /** By the address where the plan gives one; where it gives none for a flow, that one may be anybody else's. */
  #flowsFrom(place: string, address: string): { readonly flows: readonly Entry[]; readonly known: boolean } {
    const all = this.#doors.get(place) ?? []
    const byAddress = all.filter(({ flow }) => flow.fromAddresses.some((text) => holds(text, address)))
    const flows = byAddress.length > 0 ? byAddress : all.filter(({ flow }) => flow.fromAddresses.length === 0)
    return { flows, known: flows.length > 0 }
  }

  #countOther(place: string, address: string): void {
    const key = `${address} ${place}`
    const other = this.#others.get(key)
    if (other !== undefined) other.times += 1
    else if (this.#others.size < mostOthers) this.#others.set(key, { place, address, times: 1 })
    else this.#furtherOthers += 1
  }

  /** The first of its kind is told, and then every time that ten times as many have come. */
  #line(kind: string, place: string, from: Arrival['from'], flows: readonly Entry[], says: string): string | undefined {
    const key = `${kind} ${from.address} ${place}`
    const before = this.#told.get(key)
    const isFull = before === undefined && this.#told.size >= mostLines
    const isNews = flows.some(({ told }) => !told.has(kind))
    for (const { told } of flows) told.add(kind)
    const who = from.address === '' ? 'somebody who was gone again' : hostPort(from.address, from.port)
    const line = (): string =>
      `${who} ${says}; ${flows.length > 0 ? planWords(flows) : 'no planned opener has this address'}`
    if (isFull) {
      if (isNews) return line()
      if (this.#isFullTold) return undefined
      this.#isFullTold = true
      return `more than ${mostLines} different ones have come: further ones are counted and not told, but for the first of a planned flow`
    }
    const times = (before ?? 0) + 1
    this.#told.set(key, times)
    if (times === 1) return line()
    if (!isPowerOfTen(times)) return undefined
    return `${from.address === '' ? who : from.address} ${says}; ${times} times by now`
  }
}

const wordsOf: Readonly<Record<Exclude<Arrival['kind'], 'connected'>, (place: string) => string>> = {
  spoke: (place) => `connected to ${place}, and octets came`,
  silent: (place) => `connected to ${place}, and said nothing`,
  'turned-away': (place) => `connected to ${place} and was turned away: too many connections at once`,
  'out-of-files': (place) => `connected to ${place} and was turned away: this process may have no more open`,
  datagram: (place) => `sent a datagram to ${place}, which was answered`,
  unanswered: (place) => `sent a datagram to ${place}, which is not answered: too short, too many, or an answer itself`,
}

/** More than this are counted: a line is to be read at a glance. */
const mostNamed = 3

function planWords(entries: readonly Entry[]): string {
  const named = entries.slice(0, mostNamed).map(({ flow }) => {
    const closed = flow.expect === 'closed' ? ', which must be closed' : ''
    return `${plain(flow.flow)} from ${plain(flow.from)}${closed}`
  })
  const rest = entries.length - named.length
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function entryOf(flow: Flow, seen: ListenState): Entry {
  return { flow, seen, spoke: false, peers: new Map(), furtherTimes: 0, told: new Set() }
}

function raise(entry: Entry, to: ListenState): void {
  if (ranks.indexOf(to) > ranks.indexOf(entry.seen)) entry.seen = to
}

function count(entry: Entry, address: string): void {
  const before = entry.peers.get(address)
  if (before === undefined && entry.peers.size >= mostPeers) entry.furtherTimes += 1
  else entry.peers.set(address, (before ?? 0) + 1)
}

function isPowerOfTen(count: number): boolean {
  return /^10+$/.test(String(count))
}

function holds(text: string, address: string): boolean {
  if (!text.includes('/')) return canonicalAddress(text) === address
  const parsed = parseAddress(address)
  const cidr = parseCidr(text)
  return parsed !== undefined && 'ok' in cidr && cidrContains(cidr.ok, parsed)
}

function flowOf({ flow, seen, spoke, peers, furtherTimes }: Entry): ListenFlow {
  const { target } = flow
  const { port, range } = target
  return {
    flow: flow.flow,
    from: flow.from,
    to: flow.to,
    necessity: flow.necessity,
    expect: flow.expect,
    port,
    ...(range !== undefined && { range }),
    transport: target.transport === 'udp' ? 'udp' : 'tcp',
    service: target.service,
    seen,
    spoke,
    peers: [...peers].map(([address, times]): ListenPeer => ({ address, times })),
    furtherTimes,
  }
}

/** Doors as the report tells them. */
export function listenDoors(
  doors: readonly Door[],
  opened: readonly { readonly address: string; readonly port: number; readonly transport: string }[],
  left: readonly {
    readonly address: string
    readonly port: number
    readonly transport: string
    readonly code: string
  }[],
): readonly ListenDoor[] {
  return doors.map((door) => {
    const isHere = (one: { readonly port: number; readonly transport: string }): boolean =>
      one.port === door.port && one.transport === door.transport
    return {
      port: door.port,
      transport: door.transport,
      ...(door.range !== undefined && { range: door.range }),
      open: opened.filter(isHere).map(({ address }) => address),
      left: left.filter(isHere).map(({ address, code }) => ({ address, code })),
    }
  })
}
