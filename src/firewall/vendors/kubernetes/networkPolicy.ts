import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, commonRanges, everyAddress, mergedRanges, rangesWithout, unionOf } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { NumberRange, Rule } from '../../ruleset.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Cluster } from './cluster.ts'
import { podSpace, unsaidNamespace } from './cluster.ts'
import type { PodFinder, PodQuery, SelectedPods } from './podsOf.ts'
import type { PolicySide } from './policyStages.ts'
import { readSelector } from './selectors.ts'

/** A NetworkPolicy in its two directions; a direction that it does not bear on is absent. */
export interface ReadPolicy {
  readonly ingress?: PolicySide
  readonly egress?: PolicySide
  /** Statements of it that were not understood. */
  readonly unread: readonly { readonly value: JsonValue; readonly why: string }[]
  /** Rules that were. */
  readonly understood: number
}

export interface PolicyContext {
  readonly find: PodFinder
  /** Where pods are, as far as it is known: those of the files, and the ranges that nodes number them from. */
  readonly inside: readonly AddressRange[]
  /** Network plugins differ in whether blocks of addresses stand for pods too, and in protocols other than TCP, UDP and SCTP. */
  readonly plugin: 'unknown' | 'cilium'
}

const protocols: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 }
const allProtocols: readonly NumberRange[] = [6, 17, 132].map((first) => ({ first, last: first }))
const specMembers = /^(podSelector|policyTypes|ingress|egress)$/
const ruleMembers = /^(from|to|ports)$/

/** Reads a NetworkPolicy (Kubernetes API reference: networking.k8s.io/v1). */
export function readNetworkPolicy(value: JsonValue, context: PolicyContext): ReadPolicy {
  const metadata = value.member('metadata')
  const namespace = metadata?.member('namespace')?.text() ?? unsaidNamespace
  const title = `${namespace === '' ? '' : `${namespace}/`}${metadata?.member('name')?.text() ?? '?'}`
  const spec = value.member('spec')
  const unread: { value: JsonValue; why: string }[] = []
  for (const name of spec?.names() ?? []) {
    const member = spec?.member(name)
    if (!specMembers.test(name) && member !== undefined)
      unread.push({ value: member, why: `the member "${name}" is not known` })
  }
  const pods = readSelector(spec?.member('podSelector'))
  if (spec?.kind !== 'object') unread.push({ value, why: 'it has no spec' })
  const query: PodQuery = {
    namespaces: { in: namespace },
    pods: spec?.kind === 'object' ? pods : { ...pods, unread: 'the missing spec' },
  }
  const subject = context.find(query)
  const types = spec
    ?.member('policyTypes')
    ?.elements()
    .map((item) => item.text())
  // Left out, or empty: always ingress, and egress where there is a rule for it.
  const isTyped = types !== undefined && types.length > 0
  const bears = {
    ingress: isTyped ? types.includes('Ingress') : true,
    egress: isTyped ? types.includes('Egress') : (spec?.member('egress')?.elements() ?? []).length > 0,
  }
  let understood = 0
  const side = (way: 'ingress' | 'egress'): PolicySide => {
    const list = spec?.member(way)
    if (list !== undefined && !isList(list)) unread.push({ value: list, why: `"${way}" is no list` })
    const rules = list === undefined ? [] : isList(list) ? list.elements() : [list]
    const read = rules.map((rule, at) => rulesOf(rule, `${title} ${way}[${at}]`, way, namespace, subject, context))
    for (const { strange, rule } of read) {
      if (strange === undefined) understood += 1
      else unread.push({ value: rule, why: strange })
    }
    return {
      title,
      span: value.span(),
      selected: attached(subject),
      allows: read.flatMap(({ rules: found }) => found),
      denies: [],
      isDefaultDeny: true,
    }
  }
  return {
    ...(bears.ingress && { ingress: side('ingress') }),
    ...(bears.egress && { egress: side('egress') }),
    unread,
    understood: understood + 1,
  }
}

/** The addresses of selected pods; policies do not surely bear on pods that share their node's address. */
export function attached({ addresses, pods }: SelectedPods): Addresses {
  const shared = mergedRanges(pods.filter(({ pod }) => pod.isOnHostNetwork).flatMap(({ pod }) => pod.addresses))
  if (shared.length === 0) return addresses
  const what = "whether the network plugin holds pods on their node's network to policies"
  return {
    sure: rangesWithout(addresses.sure, shared),
    possible: [...addresses.possible, { within: shared, because: { kind: 'other', what } }],
  }
}

function isList(value: JsonValue): boolean {
  return value.kind === 'array' || value.kind === 'null'
}

interface ReadRules {
  readonly rule: JsonValue
  readonly rules: readonly Rule[]
  /** What of it was not understood. */
  readonly strange?: string
}

function rulesOf(
  value: JsonValue,
  name: string,
  way: 'ingress' | 'egress',
  namespace: string,
  subject: SelectedPods,
  context: PolicyContext,
): ReadRules {
  const unknowns: Unknown[] = []
  const unread = (what: string): void => {
    unknowns.push({ kind: 'unread', what })
  }
  for (const member of value.names()) {
    const isOther = !ruleMembers.test(member) || member === (way === 'ingress' ? 'to' : 'from')
    if (isOther) unread(`the member "${member}" of a rule`)
  }
  for (const member of value.names()) {
    const item = value.member(member)
    if (item !== undefined && !isList(item)) unread(`the member "${member}", which is no list`)
  }
  const list = value.member(way === 'ingress' ? 'from' : 'to')?.elements() ?? []
  const peers = list.map((peer) => peerOf(peer, namespace, context, unread))
  // No list and an empty one are alike: everybody.
  const far = peers.length === 0 ? undefined : unionOf(peers.map(({ addresses }) => addresses))
  const ports = value.member('ports')?.elements() ?? []
  // Named ports are those of the end that accepts: the selected pods on the way in, the far ones on the way out.
  const accepting = way === 'ingress' ? [subject] : peers.map(({ selected }) => selected)
  const read = portsOf(ports, accepting, unread)
  const span = value.span()
  const base = { name, span, action: { kind: 'allow' as const }, unknowns }
  const match = far === undefined ? {} : way === 'ingress' ? { source: far } : { destination: far }
  const rules: Rule[] =
    ports.length === 0
      ? [{ ...base, match: context.plugin === 'cilium' ? match : { ...match, protocols: allProtocols } }]
      : read.map(({ protocol, ranges, only, because }) => {
          const narrowed = only === undefined || way === 'ingress' ? match : { destination: only }
          return {
            ...base,
            match: {
              ...narrowed,
              ...(only !== undefined && way === 'ingress' && { destination: only }),
              protocols: [{ first: protocol, last: protocol }],
              ...(ranges !== undefined && { destinationPorts: ranges }),
            },
            unknowns: because === undefined ? unknowns : [...unknowns, because],
          }
        })
  const [strange] = unknowns
  return { rule: value, rules, ...(strange !== undefined && { strange: `it is not understood: ${strange.what}` }) }
}

interface PeerRead {
  readonly addresses: Addresses
  readonly selected?: SelectedPods
}

function peerOf(value: JsonValue, namespace: string, context: PolicyContext, unread: (what: string) => void): PeerRead {
  for (const member of value.names()) {
    if (!/^(podSelector|namespaceSelector|ipBlock)$/.test(member)) {
      unread(`the member "${member}" of a peer`)
      return { addresses: everyAddress() }
    }
  }
  const block = value.member('ipBlock')
  if (block !== undefined && block.kind !== 'null') return { addresses: blockOf(block, context, unread) }
  const pods = value.member('podSelector')
  const namespaces = value.member('namespaceSelector')
  const isEmpty = (pods ?? namespaces) === undefined
  if (isEmpty) {
    unread('a peer that names nobody')
    return { addresses: everyAddress() }
  }
  const query: PodQuery = {
    namespaces: namespaces === undefined || namespaces.kind === 'null' ? { in: namespace } : readSelector(namespaces),
    pods: readSelector(pods),
  }
  const selected = context.find(query)
  return { addresses: selected.addresses, selected }
}

function blockOf(value: JsonValue, context: PolicyContext, unread: (what: string) => void): Addresses {
  const range = cidrRange(value.member('cidr')?.text() ?? '')
  const except = (value.member('except')?.elements() ?? []).map((item) => cidrRange(item.text() ?? ''))
  const isStrange = value.names().some((name) => name !== 'cidr' && name !== 'except')
  if (range === undefined || except.includes(undefined) || isStrange) {
    unread(`the block ${value.span().text}`)
    return everyAddress()
  }
  const left = rangesWithout([range], mergedRanges(except.filter((part) => part !== undefined)))
  return withoutPods(left, context)
}

/** A block of addresses as it stands for what is outside of the cluster, and perhaps for pods in it. */
function withoutPods(ranges: readonly AddressRange[], { inside, plugin }: PolicyContext): Addresses {
  const held = commonRanges(ranges, inside)
  const sure = addressesOf(rangesWithout(ranges, inside))
  if (held.length === 0 || plugin === 'cilium') return sure
  const what = 'whether the network plugin holds addresses of pods against blocks of addresses'
  return { ...sure, possible: [{ within: held, because: { kind: 'other', what } }] }
}

/** Where pods are, as far as it is known; those on the network of their node count as the node. */
export function insideOf(cluster: Cluster, hints: ReadingHints): readonly AddressRange[] {
  const space = podSpace(cluster, hints)
  const shown = cluster.pods.filter(({ isOnHostNetwork }) => !isOnHostNetwork).flatMap(({ addresses }) => addresses)
  return mergedRanges([...shown, ...(space.isKnown ? space.ranges : [])])
}

export interface PortRead {
  readonly protocol: number
  /** Absent: all. */
  readonly ranges?: readonly NumberRange[]
  /** The accepting pods of which it is true; absent: all. */
  readonly only?: Addresses
  readonly because?: Unknown
}

function portsOf(
  values: readonly JsonValue[],
  accepting: readonly (SelectedPods | undefined)[],
  unread: (what: string) => void,
): readonly PortRead[] {
  const plain = new Map<number, NumberRange[] | undefined>()
  const named: PortRead[] = []
  for (const value of values) {
    const word = value.member('protocol')?.text() ?? 'TCP'
    const protocol = protocols[word.toUpperCase()]
    const port = value.member('port')
    const last = value.member('endPort')
    if (protocol === undefined || value.names().some((name) => !/^(protocol|port|endPort)$/.test(name))) {
      unread(`the port ${value.span().text}`)
      named.push(...allProtocols.map(({ first }) => ({ protocol: first })))
      continue
    }
    const name = port?.text()
    if (port === undefined || port.kind === 'null') plain.set(protocol, undefined)
    else if (name !== undefined && !/^\d+$/.test(name)) named.push(...namedPorts(name, word, protocol, accepting))
    else {
      const first = port.number()
      const end = last === undefined || last.kind === 'null' ? first : last.number()
      if (first === undefined || end === undefined || first < 1 || end > 65535 || end < first) {
        unread(`the port ${value.span().text}`)
        named.push({ protocol })
      } else if (!plain.has(protocol)) plain.set(protocol, [{ first, last: end }])
      else plain.get(protocol)?.push({ first, last: end })
    }
  }
  return [...[...plain].map(([protocol, ranges]) => ({ protocol, ...(ranges !== undefined && { ranges }) })), ...named]
}

/** A named port is whatever number each pod gives that name: one rule for the pods of each number. */
export function namedPorts(
  name: string,
  word: string,
  protocol: number,
  accepting: readonly (SelectedPods | undefined)[],
): readonly PortRead[] {
  const because: Unknown = { kind: 'reference', what: `the number of the port "${name}", which pods give it` }
  const byNumber = new Map<number, Addresses[]>()
  let isSettled = true
  for (const selected of accepting) {
    if (selected === undefined) continue
    if (!selected.isWhole) isSettled = false
    for (const { pod, isSure } of selected.pods) {
      if (!pod.hasSpec) isSettled = false
      const port = pod.ports.find((one) => one.name === name && one.protocol.toUpperCase() === word.toUpperCase())
      if (port === undefined) continue
      const ends: Addresses = isSure
        ? addressesOf(pod.addresses)
        : { sure: [], possible: [{ within: mergedRanges(pod.addresses), because }] }
      byNumber.set(port.number, [...(byNumber.get(port.number) ?? []), ends])
    }
  }
  const found = [...byNumber].map(([number, ends]) => ({
    protocol,
    ranges: [{ first: number, last: number }],
    only: unionOf(ends),
  }))
  // Of pods that no file shows the number is not known: it may be any.
  const others = accepting.flatMap((selected) => (selected === undefined ? [] : [selected.addresses]))
  return isSettled || others.length === 0 ? found : [...found, { protocol, only: unionOf(others), because }]
}
