import type { Addresses } from '../../addresses.ts'
import { commonRanges, everyAddress, mergedRanges, unknownAddresses } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { Rule } from '../../ruleset.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import { unsaidNamespace } from '../kubernetes/cluster.ts'
import { attached } from '../kubernetes/networkPolicy.ts'
import type { SelectedPods } from '../kubernetes/podsOf.ts'
import type { PolicySide } from '../kubernetes/policyStages.ts'
import { canBeAsked, readNames } from './namePatterns.ts'
import type { CiliumContext, FarEnd } from './peers.ts'
import { endpointQuery, learntAddresses, peerMembers, unionOfEnds } from './peers.ts'
import type { PortMatch } from './ports.ts'
import { readIcmps, readPorts } from './ports.ts'

/** One `spec` of a policy. */
export interface CiliumSpec {
  readonly title: string
  readonly value: JsonValue
  /** Absent for a policy of the whole cluster. */
  readonly namespace?: string
  readonly selected: Addresses
  readonly subject?: SelectedPods
  /** Names that its DNS rules let be asked for. */
  readonly asks: readonly NamePattern[]
}

const specMembers =
  /^(endpointSelector|nodeSelector|ingress|egress|ingressDeny|egressDeny|enableDefaultDeny|labels|description|log)$/

/** The specs of a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy: `spec`, and each of `specs`. */
export function specsOf(policy: JsonValue, isClusterwide: boolean, context: CiliumContext): readonly CiliumSpec[] {
  const metadata = policy.member('metadata')
  const namespace = isClusterwide ? undefined : (metadata?.member('namespace')?.text() ?? unsaidNamespace)
  const name = metadata?.member('name')?.text() ?? '?'
  const single = policy.member('spec')
  const values = [
    ...(single === undefined || single.kind === 'null' ? [] : [single]),
    ...(policy.member('specs')?.elements() ?? []),
  ]
  return values.map((value, at) => {
    const title = `${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}${values.length > 1 ? ` #${at + 1}` : ''}`
    const asks = (value.member('egress')?.elements() ?? [])
      .flatMap((rule) => rule.member('toPorts')?.elements() ?? [])
      .flatMap((ports) => readNames(ports.member('rules')?.member('dns')?.elements() ?? []).patterns)
    const nodes = value.member('nodeSelector')
    if (nodes !== undefined && nodes.kind !== 'null') {
      const what = `which nodes ${title} selects`
      const within = [...context.cluster.nodes, ...(context.hints.places['nodes'] ?? [])]
      const because: Unknown = { kind: 'place', what }
      const selected = unknownAddresses(because, within.length === 0 ? everyAddress().sure : mergedRanges(within))
      return { title, value, ...(namespace !== undefined && { namespace }), selected, asks }
    }
    const subject = context.find(endpointQuery(value.member('endpointSelector'), namespace))
    return { title, value, ...(namespace !== undefined && { namespace }), selected: attached(subject), subject, asks }
  })
}

/** What a spec says in one direction; `unread` has its rules that were not understood. */
export interface ReadSide {
  readonly side?: PolicySide
  readonly unread: readonly { readonly value: JsonValue; readonly why: string }[]
  readonly understood: number
}

/**
 * Reads one direction. A direction closes once a rule or a denial of it selects a pod, unless `enableDefaultDeny` says
 * otherwise; a rule that names neither far end nor port allows nothing (Cilium documentation: endpoint default policy).
 */
export function readSide(spec: CiliumSpec, isEgress: boolean, asksOf: AsksOf, context: CiliumContext): ReadSide {
  const way = isEgress ? 'egress' : 'ingress'
  const unread: { value: JsonValue; why: string }[] = []
  let understood = 0
  const listOf = (name: string): readonly JsonValue[] => {
    const list = spec.value.member(name)
    return list === undefined || list.kind === 'null' ? [] : list.kind === 'array' ? list.elements() : [list]
  }
  const rulesIn = (name: string, isDenial: boolean): readonly Rule[] =>
    listOf(name).flatMap((rule, at) => {
      const read = rulesOf(rule, `${spec.title} ${name}[${at}]`, { spec, isEgress, isDenial, asksOf, context })
      const strange = read.find(({ unknowns }) => unknowns.some(({ kind }) => kind === 'unread'))
      const what = strange?.unknowns.find(({ kind }) => kind === 'unread')?.what
      if (what === undefined) understood += 1
      else unread.push({ value: rule, why: `it is not understood: ${what}` })
      return read
    })
  const allows = rulesIn(way, false)
  const denies = rulesIn(`${way}Deny`, true)
  const bears = listOf(way).length + listOf(`${way}Deny`).length > 0
  const wanted = spec.value.member('enableDefaultDeny')?.member(way)?.scalar
  if (isEgress) {
    for (const name of spec.value.names()) {
      const member = spec.value.member(name)
      if (!specMembers.test(name) && member !== undefined)
        unread.push({ value: member, why: `the member "${name}" is not known` })
    }
  }
  if (!bears && wanted !== true) return { unread, understood }
  const { title, selected } = spec
  const isDefaultDeny = typeof wanted === 'boolean' ? wanted : true
  // Layer 7 holds back what it does not let through even where the direction stays open.
  const requests = isDefaultDeny ? [] : allows.filter(({ unknowns }) => unknowns.some(({ kind }) => kind === 'packet'))
  const held = requests.map((rule): Rule => ({ ...rule, action: { kind: 'drop' } }))
  const side = { title, span: spec.value.span(), selected, allows, denies: [...denies, ...held], isDefaultDeny }
  return { side, unread, understood }
}

interface RuleContext {
  readonly spec: CiliumSpec
  readonly isEgress: boolean
  readonly isDenial: boolean
  readonly asksOf: AsksOf
  readonly context: CiliumContext
}

function rulesOf(
  value: JsonValue,
  name: string,
  { spec, isEgress, isDenial, asksOf, context }: RuleContext,
): readonly Rule[] {
  const prefix = isEgress ? 'to' : 'from'
  const unknowns: Unknown[] = []
  const ends: FarEnd[] = []
  const kinds = new Set<string>()
  for (const member of value.names()) {
    const item = value.member(member)
    const far = member.startsWith(prefix) ? member.slice(prefix.length) : ''
    const read = Object.hasOwn(peerMembers, far) ? peerMembers[far] : undefined
    if (item === undefined || item.kind === 'null') continue
    const isPorts = member === 'toPorts' || member === 'icmps'
    if (item.kind !== 'array' && member !== 'authentication') {
      unknowns.push({ kind: 'unread', what: `the member "${member}", which is no list` })
    }
    if (isPorts) continue
    if (member === 'authentication') {
      const mode = item.member('mode')?.text()
      if (mode !== 'disabled') unknowns.push({ kind: 'other', what: 'whether both ends authenticate to each other' })
    } else if (read === undefined) unknowns.push({ kind: 'unread', what: `the member "${member}" of a rule` })
    else {
      const values = item.elements()
      kinds.add(member.replace(/Set$/, ''))
      if (values.length === 0) unknowns.push({ kind: 'unread', what: `the list "${member}", which is empty` })
      for (const end of read(values, context, spec.namespace)) ends.push(end)
    }
  }
  if (kinds.size > 1) {
    unknowns.push({
      kind: 'unread',
      what: `the mixture of ${[...kinds].join(' and ')}, which Cilium refuses in one rule`,
    })
  }
  const ports = value.member('toPorts')?.elements() ?? []
  const icmps = value.member('icmps')?.elements() ?? []
  const hasNothing = ends.length === 0 && ports.length === 0 && icmps.length === 0
  // Unlike in a NetworkPolicy, an empty rule closes and allows nothing.
  if (hasNothing && unknowns.length === 0) return []
  const strange = ends.flatMap(({ addresses }) => addresses.possible.filter(({ because }) => because.kind === 'unread'))
  unknowns.push(...strange.map(({ because }) => because))
  const accepting = isEgress ? ends.map(({ selected }) => selected) : [spec.subject]
  const matches: readonly PortMatch[] = [...readPorts(ports, accepting), ...readIcmps(icmps)]
  const span = value.span()
  const action = { kind: isDenial ? ('drop' as const) : ('allow' as const) }
  // Names of which something is not known have rules of their own, so that the others stay sure.
  return groupedEnds(ends, spec, asksOf).flatMap(({ far, doubts }): readonly Rule[] => {
    const base = far === undefined ? {} : isEgress ? { destination: far } : { source: far }
    if (matches.length === 0) return [{ name, span, match: base, action, unknowns: [...unknowns, ...doubts] }]
    return matches.map(({ port, match, unknowns: more, opensTls }) => ({
      name,
      span,
      match: { ...base, ...match, ...(port?.only !== undefined && { destination: port.only }) },
      action,
      unknowns: [...unknowns, ...doubts, ...more],
      ...(opensTls && { inspectsTls: true as const }),
    }))
  })
}

interface Grouped {
  /** Absent: everybody. */
  readonly far: Addresses | undefined
  readonly doubts: readonly Unknown[]
}

function groupedEnds(ends: readonly FarEnd[], spec: CiliumSpec, asksOf: AsksOf): readonly Grouped[] {
  if (ends.length === 0) return [{ far: undefined, doubts: [] }]
  const plain = ends.filter(({ names }) => names === undefined)
  const named = ends.flatMap(({ names }) => names ?? [])
  const doubtful = new Map<string, { patterns: NamePattern[]; doubts: readonly Unknown[] }>()
  const asks = named.length === 0 ? [] : asksOf(spec)
  for (const { patterns, unknowns } of named) {
    for (const pattern of patterns) {
      const doubts = [...(pattern.covers === 'glob' ? unknowns : []), ...doubtsOfName(pattern, asks)]
      const key = doubts.map(({ what }) => what).join()
      const group = doubtful.get(key) ?? { patterns: [], doubts }
      group.patterns.push(pattern)
      doubtful.set(key, group)
    }
    // A name that was not understood may be any.
    const unread = unknowns.filter(({ kind }) => kind === 'unread')
    if (unread.length > 0) doubtful.set('a name that was not understood', { patterns: [], doubts: unread })
  }
  const grouped = [
    ...(plain.length === 0 ? [] : [{ far: unionOfEnds(plain), doubts: [] }]),
    ...[...doubtful.values()].map(({ patterns, doubts }) => ({
      far: patterns.length === 0 ? everyAddress() : learntAddresses(patterns),
      doubts,
    })),
  ]
  return grouped.length === 0 ? [{ far: undefined, doubts: [] }] : grouped
}

/** Names are learnt from answers that pass the DNS proxy, which takes a DNS rule that lets the name be asked for. */
function doubtsOfName(name: NamePattern, asks: readonly NamePattern[]): readonly Unknown[] {
  if (asks.length === 0) {
    const what = 'whether Cilium learns addresses of names at all: no policy in the files has a DNS rule for these pods'
    return [{ kind: 'other', what }]
  }
  if (canBeAsked(name, asks)) return []
  return [{ kind: 'other', what: `whether the pods can ask for ${name.text}: no DNS rule in the files lets them` }]
}

/** Names that the pods of a spec can ask for, by any policy that may select them. */
export type AsksOf = (spec: CiliumSpec) => readonly NamePattern[]

export function asksAmong(specs: readonly CiliumSpec[]): AsksOf {
  const answers = new Map<CiliumSpec, readonly NamePattern[]>()
  const others = specs
    .filter(({ asks }) => asks.length > 0)
    .map(({ asks, selected }) => ({ asks, reach: reachOf(selected) }))
  const among = (spec: CiliumSpec): readonly NamePattern[] => {
    // Who can ask for every name needs no others.
    if (spec.asks.some(({ covers }) => covers === 'any')) return spec.asks
    const reach = reachOf(spec.selected)
    const found = new Map<string, NamePattern>()
    for (const other of others) {
      if (commonRanges(reach, other.reach).length === 0) continue
      for (const pattern of other.asks) found.set(`${pattern.covers} ${pattern.text}`, pattern)
    }
    return [...found.values()]
  }
  return (spec) => {
    const answer = answers.get(spec) ?? among(spec)
    answers.set(spec, answer)
    return answer
  }
}

function reachOf({ sure, possible }: Addresses) {
  return mergedRanges([...sure, ...possible.flatMap(({ within }) => within)])
}
