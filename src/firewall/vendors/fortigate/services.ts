import { everyOctet, everyPort, mergedNumbers, numbersWithout, one } from '../../numberRanges.ts'
import type { Match, NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { ConfigNode } from './configTree.ts'
import { predefinedServiceGroups, predefinedServices } from './predefinedServices.ts'
import type { Noted } from './reading.ts'
import { entriesOf, firstOf, isOn, valuesOf } from './reading.ts'

/** What a service asks of a packet: one of several, each a row of its own. */
export type ServiceMatch = Pick<Match, 'protocols' | 'destinationPorts' | 'sourcePorts' | 'icmp'>

/** One way in which a packet can be of a list of services, and on what that depends. */
export interface ServiceRow {
  readonly match: ServiceMatch
  readonly unknowns: readonly Unknown[]
}

/** Any of these; those that depend on nothing first. */
export type ServiceMatches = readonly ServiceRow[]

/** Rows of one policy at most: ports of both ends by protocol; a policy with more is one that may match. */
const mostRows = 64
const deepest = 64

const understoodOfService = new Set([
  'uuid',
  'comment',
  'color',
  'category',
  'visibility',
  'fabric-object',
  'proxy',
  'helper',
  'check-reset-range',
  'session-ttl',
  'tcp-halfclose-timer',
  'tcp-halfopen-timer',
  'tcp-timewait-timer',
  'tcp-rst-timer',
  'udp-idle-timer',
  'protocol',
  'protocol-number',
  'tcp-portrange',
  'udp-portrange',
  'udplite-portrange',
  'sctp-portrange',
  'icmptype',
  'icmpcode',
  'iprange',
  'fqdn',
  'app-service-type',
  'app-category',
  'application',
])
const understoodOfGroup = new Set(['uuid', 'comment', 'color', 'member', 'proxy', 'fabric-object'])

/** Services and groups of one virtual domain, by the names that policies list. */
export function serviceObjects(scope: ConfigNode, notes: Noted): (names: readonly string[]) => ServiceMatches {
  const customs = new Map(entriesOf(scope, 'firewall service custom').map((entry) => [entry.name, entry]))
  const groups = new Map(entriesOf(scope, 'firewall service group').map((entry) => [entry.name, entry]))
  const known = new Map<string, ServiceMatches>()
  const open = new Set<string>()

  const lookUp = (name: string): ServiceMatches => {
    const before = known.get(name)
    if (before !== undefined) return before
    if (open.has(name))
      return unknownService({ kind: 'other', what: `the service group "${name}", which holds itself` })
    if (open.size >= deepest) {
      return unknownService({ kind: 'other', what: `the service group "${name}", nested more than ${deepest} deep` })
    }
    open.add(name)
    const found = resolve(name)
    open.delete(name)
    known.set(name, found)
    return found
  }

  const resolve = (name: string): ServiceMatches => {
    const custom = customs.get(name)
    if (custom !== undefined) return customService(custom, notes)
    const group = groups.get(name)
    if (group !== undefined) {
      const strange = notes.strangers(group, understoodOfGroup)
      return together([
        ...valuesOf(group, 'member').map(lookUp),
        strange.map((because) => ({ match: {}, unknowns: [because] })),
      ])
    }
    const members = Object.hasOwn(predefinedServiceGroups, name) ? predefinedServiceGroups[name] : undefined
    if (members !== undefined) return together(members.map(lookUp))
    const text = Object.hasOwn(predefinedServices, name) ? predefinedServices[name] : undefined
    if (text !== undefined) return predefined(text).map((match) => ({ match, unknowns: [] }))
    return unknownService({ kind: 'reference', what: `the service "${name}", which the files do not define` })
  }

  return (names) => together(names.map(lookUp))
}

function unknownService(because: Unknown): ServiceMatches {
  return [{ match: {}, unknowns: [because] }]
}

/** Any of several services: rows with the same question about source ports become one. */
function together(parts: readonly ServiceMatches[]): ServiceMatches {
  const rows = parts.flat()
  const every = rows.find(({ match, unknowns }) => unknowns.length === 0 && Object.keys(match).length === 0)
  if (every !== undefined) return [every]
  const merged = new Map<string, { row: ServiceRow; ports: NumberRange[] }>()
  for (const row of rows) {
    const { protocols, sourcePorts, icmp, destinationPorts } = row.match
    const id = JSON.stringify([protocols, sourcePorts, icmp, destinationPorts === undefined, row.unknowns])
    const alike = merged.get(id)
    if (alike === undefined) merged.set(id, { row, ports: [...(destinationPorts ?? [])] })
    else for (const ports of destinationPorts ?? []) alike.ports.push(ports)
  }
  if (merged.size > mostRows) {
    return unknownService({ kind: 'other', what: `services of more than ${mostRows} kinds, which are not written out` })
  }
  return [...merged.values()]
    .map(({ row, ports }) =>
      row.match.destinationPorts === undefined
        ? row
        : { ...row, match: { ...row.match, destinationPorts: mergedNumbers(ports) } },
    )
    .toSorted((a, b) => Number(a.unknowns.length > 0) - Number(b.unknowns.length > 0))
}

/** Everything but some services. */
export function negatedServices(rows: ServiceMatches): ServiceMatches {
  const odd = rows.find(({ match, unknowns }) => unknowns.length > 0 || match.sourcePorts !== undefined)
  if (odd !== undefined) {
    return unknownService(odd.unknowns[0] ?? { kind: 'other', what: 'services with source ports, which are negated' })
  }
  if (rows.some(({ match }) => match.protocols === undefined)) return []
  const named = mergedNumbers(rows.flatMap(({ match }) => match.protocols ?? []))
  const others = numbersWithout(everyOctet, named)
  const left: ServiceMatch[] = others.length === 0 ? [] : [{ protocols: others }]
  for (const protocols of named.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, at) => one(first + at)),
  )) {
    const same = rows.filter(({ match }) => match.protocols?.some(({ first }) => first === protocols.first))
    if (same.some(({ match }) => match.destinationPorts === undefined && match.icmp === undefined)) continue
    const ports = numbersWithout(everyPort, mergedNumbers(same.flatMap(({ match }) => match.destinationPorts ?? [])))
    const icmp = same.flatMap(({ match }) => match.icmp ?? [])
    if (icmp.some(({ code }) => code !== undefined)) {
      return unknownService({ kind: 'other', what: 'services with ICMP codes, which are negated' })
    }
    if (icmp.length === 0) left.push({ protocols: [protocols], destinationPorts: ports })
    else {
      const types = numbersWithout(everyOctet, mergedNumbers(icmp.map(({ type }) => type)))
      left.push({ protocols: [protocols], icmp: types.map((type) => ({ type })) })
    }
  }
  return left.map((match) => ({ match, unknowns: [] }))
}

const protocolNumbers: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  udplite: 136,
  sctp: 132,
  icmp: 1,
  icmp6: 58,
}

/** `tcp 88 464 udp 88 464`, `icmp 8`, `ip 50`; `ip 0` is every packet. */
function predefined(text: string): readonly ServiceMatch[] {
  const rows: ServiceMatch[] = []
  for (const [, protocol = '', values = ''] of text.matchAll(/([a-z]\w*)((?: [\d:-]+)*)/g)) {
    const words = values.trim() === '' ? [] : values.trim().split(' ')
    if (protocol === 'ip') rows.push(words[0] === '0' ? {} : { protocols: [one(Number(words[0]))] })
    else if (protocol.startsWith('icmp')) rows.push(icmpRow(protocolNumbers[protocol] ?? 1, words[0], undefined))
    else for (const row of portRows(protocolNumbers[protocol] ?? 6, words) ?? []) rows.push(row)
  }
  return rows
}

function icmpRow(protocol: number, type: string | undefined, code: string | undefined): ServiceMatch {
  if (type === undefined) return { protocols: [one(protocol)] }
  const codes = code === undefined ? {} : { code: one(Number(code)) }
  return { protocols: [one(protocol)], icmp: [{ type: one(Number(type)), ...codes }] }
}

/** `443`, `88-90`, `513:512-1023`: ports of the server, then those of the client. */
function portRows(protocol: number, words: readonly string[]): readonly ServiceMatch[] | undefined {
  const rows: ServiceMatch[] = []
  for (const word of words) {
    const [server = '', client, ...more] = word.split(':')
    const destination = portsOf(server)
    const source = client === undefined ? undefined : portsOf(client)
    if (destination === undefined || more.length > 0 || (client !== undefined && source === undefined)) return undefined
    const everySource = source === undefined || (source.first <= 1 && source.last === 65535)
    rows.push({
      protocols: [one(protocol)],
      destinationPorts: [destination],
      ...(!everySource && { sourcePorts: [source] }),
    })
  }
  return rows
}

/** `443` or `88-90`. */
export function portsOf(text: string): NumberRange | undefined {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (found === null) return undefined
  const first = Number(found[1])
  const last = found[2] === undefined ? first : Number(found[2])
  return first > last || last > 65535 ? undefined : { first, last }
}

function customService(entry: ConfigNode, notes: Noted): ServiceMatches {
  const unknowns: Unknown[] = [...notes.strangers(entry, understoodOfService)]
  const unreadable = (key: string): Unknown =>
    notes.unread(entry.settings.get(key)?.statement ?? entry.statement, `"${key}" is not understood`)
  for (const key of ['iprange', 'fqdn']) {
    const value = firstOf(entry, key)
    if (value !== undefined && value !== '0.0.0.0') {
      unknowns.push({ kind: 'other', what: `the addresses ${value} that the service "${entry.name}" is bound to` })
    }
  }
  if ((firstOf(entry, 'app-service-type') ?? 'disable') !== 'disable') {
    unknowns.push({ kind: 'application', what: `the application that the service "${entry.name}" names` })
  }
  const rows = ((): readonly ServiceMatch[] => {
    const protocol = (firstOf(entry, 'protocol') ?? 'TCP/UDP/SCTP').toUpperCase()
    if (isOn(entry, 'proxy')) {
      unknowns.push({ kind: 'other', what: `the service "${entry.name}", which is of the proxy` })
      return []
    }
    if (protocol.startsWith('TCP/')) {
      const all = (['tcp', 'udp', 'udplite', 'sctp'] as const).map((name) => {
        const key = `${name}-portrange`
        const parsed = portRows(protocolNumbers[name] ?? 6, valuesOf(entry, key))
        if (parsed === undefined) unknowns.push(unreadable(key))
        return parsed ?? []
      })
      return all.flat()
    }
    const number = firstOf(entry, 'protocol-number')
    switch (protocol) {
      case 'IP': {
        if (number !== undefined && !(/^\d{1,3}$/.test(number) && Number(number) <= 255)) {
          unknowns.push(unreadable('protocol-number'))
          return []
        }
        return number === undefined || number === '0' ? [{}] : [{ protocols: [one(Number(number))] }]
      }
      case 'ICMP':
      case 'ICMP6': {
        const [type, code] = [firstOf(entry, 'icmptype'), firstOf(entry, 'icmpcode')]
        const odd = [type, code].some(
          (value) => value !== undefined && !(/^\d{1,3}$/.test(value) && Number(value) <= 255),
        )
        if (odd) {
          unknowns.push(unreadable('icmptype'))
          return []
        }
        return [icmpRow(protocol === 'ICMP' ? 1 : 58, type, code)]
      }
      default:
        unknowns.push(unreadable('protocol'))
        return []
    }
  })()
  if (rows.length > 0) return rows.map((match) => ({ match, unknowns }))
  return unknowns.length > 0
    ? unknowns.map((because) => ({ match: {}, unknowns: [because] }))
    : unknownService({ kind: 'reference', what: `the ports of the service "${entry.name}", which has none` })
}
