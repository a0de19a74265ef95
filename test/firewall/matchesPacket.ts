import type { Addresses, AddressRange } from '../../src/firewall/addresses.ts'
import type { NamePattern } from '../../src/firewall/namePattern.ts'
import type { NumberRange, Place, Places, Rule } from '../../src/firewall/ruleset.ts'
import type { Choose, Packet, ScannedAddress } from './packet.ts'

/** Protocols whose packets have ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const withPorts = [6, 17, 33, 132, 136]

/** What a walk knows beside the packet. */
export interface Walk {
  readonly choose: Choose
  readonly places: readonly Place[]
  /** Tags that rules set on the packet on its way. */
  readonly tags: ReadonlySet<string>
}

/** Whether a rule matches one packet, field by field as `Match` says it, and then all that is not known of the rule. */
export function matchesPacket(rule: Rule, packet: Packet, walk: Walk): boolean {
  const { match, unknowns } = rule
  const { choose } = walk
  const at = (aspect: string): boolean => choose(rule, 2, aspect) === 1
  if (match.family !== undefined && match.family !== packet.family) return false
  if (match.protocols !== undefined && !isAmong(packet.protocol, match.protocols)) return false
  if (match.sourcePorts !== undefined && !portHolds(packet, packet.sourcePort, match.sourcePorts, at, 'sport')) {
    return false
  }
  if (
    match.destinationPorts !== undefined &&
    !portHolds(packet, packet.destinationPort, match.destinationPorts, at, 'dport')
  ) {
    return false
  }
  if (match.icmp !== undefined && !icmpHolds(packet, match.icmp)) return false
  if (match.states !== undefined && !match.states.includes(packet.state)) return false
  if (match.tcpFlags !== undefined) {
    const { flags, protocol } = packet
    if (protocol !== 6 || !match.tcpFlags.some(({ mask, value }) => (flags & mask) === value)) return false
  }
  if (match.requests !== undefined && !match.requests.includes(packet.request)) return false
  if (match.tagged !== undefined && walk.tags.has(match.tagged.tag) === (match.tagged.not === true)) return false
  if (match.source !== undefined && !addressHolds(packet.family, packet.source, match.source, choose, at, 'source')) {
    return false
  }
  if (
    match.destination !== undefined &&
    !addressHolds(packet.family, packet.destination, match.destination, choose, at, 'destination')
  ) {
    return false
  }
  if (match.in !== undefined && !placeHolds(placeOf(packet.in, 'in', walk), match.in, walk.places)) return false
  if (match.out !== undefined && !placeHolds(placeOf(packet.out, 'out', walk), match.out, walk.places)) return false
  if (match.sameZone !== undefined && sharesZone(packet, walk) !== match.sameZone) return false
  if (match.requestedNames !== undefined) {
    const { name } = packet
    if (name === undefined ? !at('name') : !match.requestedNames.some((pattern) => covers(pattern, name))) return false
  }
  return unknowns.every((unknown) => choose(unknown, 2) === 1)
}

/** Whether an address is in a set, with what is only possible of the set settled by a choice. */
export function addressHolds(
  family: 4 | 6,
  address: ScannedAddress,
  set: Addresses,
  choose: Choose,
  at: (aspect: string) => boolean,
  aspect: string,
): boolean {
  const sure = liesIn(family, address, set.sure)
  if (sure === 'all') return true
  if (sure === 'some' && at(`${aspect}-pool`)) return true
  return set.possible.some(({ within, because, inverted }, part) => {
    const reach = liesIn(family, address, within)
    if (reach === 'none') return false
    if (reach === 'some' && !at(`${aspect}-pool-${part}`)) return false
    // Two addresses may differ in whether they belong to one object.
    const which = typeof address === 'bigint' ? String(address) : aspect
    return (choose(because, 2, which) === 1) !== (inverted === true)
  })
}

function liesIn(family: 4 | 6, address: ScannedAddress, ranges: readonly AddressRange[]): 'all' | 'some' | 'none' {
  if (typeof address === 'bigint') {
    for (const range of ranges) {
      if (range.family === family && range.first <= address && address <= range.last) return 'all'
    }
    return 'none'
  }
  const sizes = address.map(({ first, last }) => {
    let covered = 0n
    for (const range of ranges) {
      const from = first > range.first ? first : range.first
      const to = last < range.last ? last : range.last
      if (range.family === family && from <= to) covered += to - from + 1n
    }
    return { covered, size: last - first + 1n }
  })
  if (sizes.every(({ covered }) => covered === 0n)) return 'none'
  return sizes.every(({ covered, size }) => covered === size) ? 'all' : 'some'
}

function portHolds(
  packet: Packet,
  port: Packet['sourcePort'],
  ranges: readonly NumberRange[],
  at: (aspect: string) => boolean,
  aspect: string,
): boolean {
  // Who asks for every port asks for none.
  if (ranges.some(({ first, last }) => first === 0 && last === 65535)) return true
  if (!withPorts.includes(packet.protocol) || port === undefined) return false
  if (typeof port === 'number') return isAmong(port, ranges)
  let covered = 0
  for (const { first, last } of ranges) {
    covered += Math.max(0, Math.min(last, port.last) - Math.max(first, port.first) + 1)
  }
  if (covered === 0) return false
  return covered === port.last - port.first + 1 || at(aspect)
}

function icmpHolds({ icmp }: Packet, asked: NonNullable<Rule['match']['icmp']>): boolean {
  if (icmp === undefined) return false
  return asked.some(
    ({ type, code }) => isAmong(icmp.type, [type]) && (code === undefined || isAmong(icmp.code, [code])),
  )
}

/** Where nothing says by which place, it is any of the device's, or one that the configuration does not name. */
export function placeOf(name: string | undefined, side: 'in' | 'out', walk: Walk): string | undefined {
  if (name !== undefined) return name
  return walk.places[walk.choose(walk.places, walk.places.length + 1, side)]?.name
}

/** An interface is meant by its own name and by its zones. */
function placeHolds(name: string | undefined, asked: Places, places: readonly Place[]): boolean {
  const names = name === undefined ? [] : namesOf(name, places)
  const named = asked.names.some((pattern) =>
    names.some((own) => (pattern.endsWith('*') ? own.startsWith(pattern.slice(0, -1)) : own === pattern)),
  )
  return named !== (asked.inverted === true)
}

function namesOf(name: string, places: readonly Place[]): readonly string[] {
  return [name, ...(places.find((place) => place.name === name)?.zones ?? [])]
}

function sharesZone(packet: Packet, walk: Walk): boolean {
  const zonesOf = (name: string | undefined): readonly string[] => {
    if (name === undefined) return []
    const place = walk.places.find((known) => known.name === name)
    return place?.zones ?? [name]
  }
  const near = zonesOf(placeOf(packet.in, 'in', walk))
  return zonesOf(placeOf(packet.out, 'out', walk)).some((zone) => near.includes(zone))
}

function covers({ name: below, covers: how, text }: NamePattern, name: string): boolean {
  const isBelow = name.endsWith(`.${below}`)
  switch (how) {
    case 'any':
      return true
    case 'exactly':
      return name === below
    case 'at-or-below':
      return name === below || isBelow
    case 'below':
      return isBelow
    case 'one-label-below':
      return isBelow && !name.slice(0, -below.length - 1).includes('.')
    case 'glob': {
      const parts = [...text.toLowerCase()].map((sign) =>
        sign === '*' ? '.*' : sign === '?' ? '.' : sign.replace(/[^a-z0-9]/, '\\$&'),
      )
      return new RegExp(`^${parts.join('')}$`).test(name)
    }
    default:
      return how satisfies never
  }
}

function isAmong(value: number, ranges: readonly NumberRange[]): boolean {
  for (const { first, last } of ranges) if (first <= value && value <= last) return true
  return false
}
