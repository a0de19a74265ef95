import type { NamePattern } from '../../namePattern.ts'
import type { Match, NumberRange } from '../../ruleset.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import type { PortRead } from '../kubernetes/networkPolicy.ts'
import { namedPorts } from '../kubernetes/networkPolicy.ts'
import type { SelectedPods } from '../kubernetes/podsOf.ts'
import { readNames } from './namePatterns.ts'

/** One way in which a rule can match by protocol and port. */
export interface PortMatch {
  readonly port?: PortRead
  readonly match: Match
  readonly unknowns: readonly Unknown[]
  readonly opensTls: boolean
}

const protocols: Readonly<Record<string, readonly number[]>> = {
  ANY: [6, 17, 132],
  TCP: [6],
  UDP: [17],
  SCTP: [132],
}
const elementMembers = /^(ports|rules|terminatingTLS|originatingTLS|serverNames|listener)$/

/** Reads `toPorts` (Cilium documentation: layer 4 and layer 7 policies). */
export function readPorts(
  values: readonly JsonValue[],
  accepting: readonly (SelectedPods | undefined)[],
): readonly PortMatch[] {
  return values.flatMap((value) => {
    const unknowns: Unknown[] = []
    for (const name of value.names()) {
      if (!elementMembers.test(name)) unknowns.push({ kind: 'unread', what: `the member "${name}" of toPorts` })
    }
    if (value.member('listener') !== undefined)
      unknowns.push({ kind: 'application', what: 'what the Envoy listener of the rule does' })
    const byName = namesAsked(value.member('serverNames'), unknowns)
    unknowns.push(...layer7(value.member('rules')))
    const opensTls = value.member('terminatingTLS') !== undefined
    const ports = value.member('ports')?.elements() ?? []
    const read = ports.flatMap((port) => portOf(port, accepting))
    if (ports.length === 0) read.push({ unknowns: [] })
    return read.map(({ port, unknowns: more }) => ({
      ...(port !== undefined && { port }),
      match: {
        ...byName,
        ...(port !== undefined && { protocols: [{ first: port.protocol, last: port.protocol }] }),
        ...(port?.ranges !== undefined && { destinationPorts: port.ranges }),
      },
      unknowns: [...unknowns, ...more, ...(port?.because === undefined ? [] : [port.because])],
      opensTls,
    }))
  })
}

/** Names that a TLS client has to ask for. */
function namesAsked(value: JsonValue | undefined, unknowns: Unknown[]): Match {
  const names = value?.elements().flatMap((item) => item.text() ?? []) ?? []
  if (names.length === 0) return {}
  if (names.some((name) => name.includes('*'))) {
    unknowns.push({ kind: 'application', what: `whether the name in TLS is one of ${names.slice(0, 5).join(', ')}` })
    return {}
  }
  return {
    requestedNames: names.map(
      (text): NamePattern => ({ text, name: text.toLowerCase().replace(/\.$/, ''), covers: 'exactly' }),
    ),
  }
}

/** What rules of layer 7 leave open; a DNS rule for every name leaves nothing. */
function layer7(value: JsonValue | undefined): readonly Unknown[] {
  return (value?.names() ?? []).flatMap((name): readonly Unknown[] => {
    const rules = value?.member(name)?.elements() ?? []
    if (name === 'l7proto' || rules.length === 0)
      return name === 'l7proto' ? [{ kind: 'application', what: 'what its L7 parser lets pass' }] : []
    if (name === 'dns') {
      const { patterns } = readNames(rules)
      if (patterns.some(({ covers }) => covers === 'any')) return []
      const what = `whether the name in the DNS question is one of ${patterns
        .slice(0, 5)
        .map(({ text }) => text)
        .join(', ')}`
      return [{ kind: 'packet', what, names: patterns }]
    }
    if (name === 'http') return [{ kind: 'packet', what: 'whether the HTTP request fits the rule' }]
    return [{ kind: 'packet', what: `whether what is asked fits the ${name} rule` }]
  })
}

function portOf(
  value: JsonValue,
  accepting: readonly (SelectedPods | undefined)[],
): readonly { readonly port?: PortRead; readonly unknowns: readonly Unknown[] }[] {
  const word = value.member('protocol')?.text() ?? 'ANY'
  const numbers = protocols[word.toUpperCase()]
  const text = String(value.member('port')?.scalar ?? '0')
  const unread: Unknown = { kind: 'unread', what: `the port ${value.span().text}` }
  if (numbers === undefined || value.names().some((name) => !/^(port|endPort|protocol)$/.test(name)))
    return [{ unknowns: [unread] }]
  if (!/^\d+$/.test(text)) {
    return numbers.flatMap((protocol) => {
      const proto = Object.keys(protocols).find((name) => name !== 'ANY' && protocols[name]?.[0] === protocol) ?? word
      return namedPorts(text, proto, protocol, accepting).map((port) => ({ port, unknowns: [] }))
    })
  }
  const first = Number(text)
  const last = value.member('endPort')?.number() ?? first
  // Port 0 is every port.
  const ranges: readonly NumberRange[] | undefined =
    first === 0 ? undefined : [{ first, last: last === 0 ? first : last }]
  if (first > 65535 || last > 65535 || (last !== 0 && last < first)) {
    return numbers.map((protocol) => ({ port: { protocol }, unknowns: [unread] }))
  }
  return numbers.map((protocol) => ({ port: { protocol, ...(ranges !== undefined && { ranges }) }, unknowns: [] }))
}

const icmpNames: Readonly<Record<string, readonly [v4: number | undefined, v6: number | undefined]>> = {
  echoreply: [0, 129],
  destinationunreachable: [3, 1],
  redirect: [5, 137],
  echo: [8, undefined],
  echorequest: [8, 128],
  routeradvertisement: [9, 134],
  routerselection: [10, undefined],
  timeexceeded: [11, 3],
  parameterproblem: [12, 4],
  packettoobig: [undefined, 2],
  neighborsolicitation: [undefined, 135],
  neighboradvertisement: [undefined, 136],
}

function icmpNumber(name: string, isV6: boolean): number | undefined {
  const key = name.toLowerCase()
  return Object.hasOwn(icmpNames, key) ? icmpNames[key]?.[isV6 ? 1 : 0] : undefined
}

/** Reads `icmps`: types by number or name, of one family each, IPv4 where none is written. */
export function readIcmps(values: readonly JsonValue[]): readonly PortMatch[] {
  return values
    .flatMap((value) => value.member('fields')?.elements() ?? [])
    .map((field) => {
      const isV6 = field.member('family')?.text() === 'IPv6'
      const type = field.member('type')
      const number = type?.number() ?? icmpNumber(type?.text() ?? '', isV6)
      const isKnown = number !== undefined && number >= 0 && number <= 255
      const protocol = isV6 ? 58 : 1
      return {
        match: {
          protocols: [{ first: protocol, last: protocol }],
          ...(isKnown && { icmp: [{ type: { first: number, last: number } }] }),
        },
        unknowns: isKnown ? [] : [{ kind: 'unread' as const, what: `the ICMP type ${field.span().text}` }],
        opensTls: false,
      }
    })
}
