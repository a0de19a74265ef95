import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, intersectionOf, noAddress, outsideOf, unknownAddresses } from '../../addresses.ts'
import { boundedUnions } from '../../boundedUnions.ts'
import type { NamePattern } from '../../namePattern.ts'
import { one } from '../../numberRanges.ts'
import type { Match, NumberRange } from '../../ruleset.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import { lookUp } from '../lookUp.ts'
import { rangeBetween } from '../rangeBetween.ts'
import { resolvedOnce } from '../resolvedOnce.ts'

/** What a service asks of a packet: several alternatives, and what of it is not known. */
export interface Service {
  readonly matches: readonly Match[]
  readonly unknowns: readonly Unknown[]
}

/** Objects of an export, looked up by their uid; some exports have them in the place of the uid. */
export interface Objects {
  /** The object that a value stands for; undefined where the dictionary does not have it. */
  find(value: JsonValue): JsonValue | undefined
  addresses(value: JsonValue): Addresses
  service(value: JsonValue): Service
  /** Its name, or what stands there. */
  name(value: JsonValue): string
}

/** Alternatives of one group of services; each becomes a rule. */
const mostMatches = 1000
/** Types whose content is learnt or fetched while the gateway runs. */
const fetched =
  /^(updatable-object|dynamic-object|data-center-object|data-center-query|network-feed|tag|access-point-name|dynamic-global-network-object)$/

export function objectsOf(documents: readonly JsonValue[]): Objects {
  const known = new Map<string, JsonValue>()
  const gather = (list: JsonValue | undefined): void => {
    for (const object of list?.elements() ?? []) {
      const uid = object.member('uid')?.text()
      if (uid !== undefined && object.member('type') !== undefined) known.set(uid, object)
    }
  }
  for (const document of documents) {
    gather(document.member('objects-dictionary'))
    gather(document.member('objects'))
    gather(document)
  }
  const union = boundedUnions()
  const find = (value: JsonValue): JsonValue | undefined =>
    value.kind === 'object' ? (known.get(value.member('uid')?.text() ?? '') ?? value) : known.get(value.text() ?? '')
  const name = (value: JsonValue): string =>
    find(value)?.member('name')?.text() ?? value.text() ?? 'an object without a name'
  const missing = (value: JsonValue): Unknown => ({
    kind: 'reference',
    what: `the object ${value.text() ?? name(value)}, which is not in the export`,
  })

  const notFollowed = (object: JsonValue, why: string): Unknown => ({
    kind: 'other',
    what: `the group ${name(object)}, ${why}`,
  })

  const addresses = (value: JsonValue): Addresses => {
    const object = find(value)
    return object === undefined ? unknownAddresses(missing(value)) : addressesIn(object)
  }

  const addressesIn = resolvedOnce<Addresses, JsonValue>(
    (object) => {
      const type = object.member('type')?.text() ?? ''
      const called = object.member('name')?.text() ?? ''
      const text = (key: string): string => object.member(key)?.text() ?? ''
      const number = (key: string): string => String(object.member(key)?.number() ?? '')
      if (type === 'CpmiAnyObject' || called === 'Any') return everyAddress()
      if (type === 'group') {
        const members = object.member('members')?.elements()
        if (members === undefined) return unknownAddresses({ kind: 'reference', what: `the members of ${called}` })
        return members.length === 0 ? noAddress : union(members.map(addresses))
      }
      if (type === 'group-with-exclusion') {
        const [include, except] = [object.member('include'), object.member('except')]
        if (include === undefined || except === undefined) return noAddress
        return intersectionOf(addresses(include), outsideOf(addresses(except)))
      }
      if (type === 'network') {
        return rangesOr(object, [
          cidrRange(`${text('subnet4')}/${number('mask-length4')}`),
          cidrRange(`${text('subnet6')}/${number('mask-length6')}`),
        ])
      }
      if (type === 'address-range' || type === 'multicast-address-range') {
        return rangesOr(object, [
          rangeBetween(text('ipv4-address-first'), text('ipv4-address-last')),
          rangeBetween(text('ipv6-address-first'), text('ipv6-address-last')),
        ])
      }
      if (type === 'dns-domain')
        return unknownAddresses({ kind: 'names', what: `the addresses of ${called}`, names: [domain(object)] })
      if (fetched.test(type))
        return unknownAddresses({ kind: 'tag', what: `the content of ${called} (${type})`, tag: called })
      if (type === 'access-role') return unknownAddresses({ kind: 'user', what: `who it is (${called})` })
      if (type === 'security-zone') return unknownAddresses({ kind: 'place', what: `what lies in the zone ${called}` })
      // Hosts and gateways of every make have their address in the same members.
      return rangesOr(object, [cidrRange(text('ipv4-address')), cidrRange(text('ipv6-address'))])
    },
    (object, why) => unknownAddresses(notFollowed(object, why)),
  )

  const service = (value: JsonValue): Service => {
    const object = find(value)
    return object === undefined ? unknownService(missing(value)) : serviceIn(object)
  }

  const serviceIn = resolvedOnce<Service, JsonValue>(
    (object) => {
      const type = object.member('type')?.text() ?? ''
      if (type === 'CpmiAnyObject' || name(object) === 'Any') return { matches: [{}], unknowns: [] }
      if (type !== 'service-group') return plainService(object, type)
      const all = (object.member('members')?.elements() ?? []).map(service)
      const matches = [...new Set(all.flatMap((one) => one.matches))]
      return matches.length > mostMatches
        ? unknownService(notFollowed(object, `which has more than ${mostMatches} services`))
        : { matches, unknowns: [...new Set(all.flatMap(({ unknowns }) => unknowns))] }
    },
    (object, why) => unknownService(notFollowed(object, why)),
  )

  return { find, addresses, service, name }
}

function unknownService(because: Unknown): Service {
  return { matches: [{}], unknowns: [because] }
}

function rangesOr(object: JsonValue, ranges: readonly (AddressRange | undefined)[]): Addresses {
  const known = ranges.filter((range) => range !== undefined)
  if (known.length > 0) return addressesOf(known)
  const [called, type] = ['name', 'type'].map((key) => object.member(key)?.text() ?? '')
  return unknownAddresses({ kind: 'unread', what: `the addresses of ${called} (${type})` })
}

/** `.contoso.com`: the name and all below it, unless the object is for the one name. */
function domain(object: JsonValue): NamePattern {
  const text = object.member('name')?.text() ?? ''
  const name = text.toLowerCase().replace(/^\./, '')
  return { text, name, covers: object.member('is-sub-domain')?.scalar === true ? 'at-or-below' : 'exactly' }
}

const protocolOfType: Readonly<Record<string, number>> = {
  'service-tcp': 6,
  'service-udp': 17,
  'service-sctp': 132,
  'service-icmp': 1,
  'service-icmp6': 58,
}

function plainService(object: JsonValue, type: string): Service {
  const called = object.member('name')?.text() ?? ''
  const protocol =
    lookUp(protocolOfType, type) ?? (type === 'service-other' ? object.member('ip-protocol')?.number() : undefined)
  if (protocol === undefined || protocol > 255) {
    const kind = /application|site|category/.test(type) ? 'application' : 'unread'
    return unknownService({ kind, what: `the service ${called} (${type})` })
  }
  const protocols = [one(protocol)]
  if (type === 'service-icmp' || type === 'service-icmp6') {
    const [icmpType, code] = [object.member('icmp-type')?.number(), object.member('icmp-code')?.number()]
    if (icmpType === undefined) return { matches: [{ protocols }], unknowns: [] }
    const icmp = [{ type: one(icmpType), ...(code !== undefined && { code: one(code) }) }]
    return { matches: [{ protocols, icmp }], unknowns: [] }
  }
  const [ports, sourcePorts] = ['port', 'source-port'].map((key) => portsOf(object.member(key)?.text()))
  const unread: readonly Unknown[] =
    ports === 'unread' || sourcePorts === 'unread' ? [{ kind: 'unread', what: `the ports of ${called}` }] : []
  const match: Match = {
    protocols,
    ...(ports !== undefined && ports !== 'unread' && { destinationPorts: [ports] }),
    ...(sourcePorts !== undefined && sourcePorts !== 'unread' && { sourcePorts: [sourcePorts] }),
  }
  return { matches: [match], unknowns: unread }
}

/** `443`, `1024-65535`, `>1023`, `<1024`; undefined where nothing is said. */
function portsOf(text: string | undefined): NumberRange | 'unread' | undefined {
  if (text === undefined || text === '' || text === 'Any') return undefined
  const [, sign = '', from = '', to = from] = /^([<>]?)(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  if (from === '' || Number(to) > 65535) return 'unread'
  if (sign === '>') return { first: Number(from) + 1, last: 65535 }
  if (sign === '<') return { first: 0, last: Number(from) - 1 }
  return { first: Number(from), last: Number(to) }
}
