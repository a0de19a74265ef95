import type { AddressRange } from '../../addresses.ts'
import { mergedRanges, rangesWithout } from '../../addresses.ts'
import type { NotPermitted, Permit } from '../../permit.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Writer } from '../../writer.ts'
import { cidrTexts, inFamily } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import type { HostRule } from '../../writing/hostRules.ts'
import { hostRules, rangesOfEnd } from '../../writing/hostRules.ts'
import { nameOf } from '../../writing/plainText.ts'
import { ruleComment, wholeComment } from '../../writing/ruleComment.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { cidrRanges } from '../cidrRange.ts'
import type { Manifest } from '../kubernetes/manifestText.ts'
import { manifestText } from '../kubernetes/manifestText.ts'
import type { PodPolicy } from '../kubernetes/podPolicies.ts'
import {
  labellingDuty,
  labelPlaces,
  labelValue,
  podPolicies,
  podsAmong,
  resolverRules,
} from '../kubernetes/podPolicies.ts'

/** A star in front, or none; what Cilium learns of a name it holds against ports, and only for what pods open. */
const platform = {
  called: 'a rule of Cilium',
  says: ['names', 'prefixes'],
  takesName: (name: string, { transport, passage }: Permit): boolean =>
    transport !== 'icmp' &&
    passage !== 'input' &&
    name.length <= 255 &&
    /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name),
} as const

/** What is denied is told by addresses alone. */
const forDenials = { called: 'a denial of Cilium', says: ['prefixes'] } as const

/** Ports of one entry of `toPorts` at most (Cilium's CRD). */
const mostPorts = 40
/** Characters of an annotation: all of them together have 256 KiB (Kubernetes: annotations). */
const longestAnnotation = 250

/**
 * Writes CiliumNetworkPolicies, one for the pods of each near end: names by `toFQDNs`, with the DNS rule by which Cilium
 * learns them, addresses by blocks, and pods of other policies by their labels, since blocks never stand for pods.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const { allows, denials: closed, notSaid } = hostRules(permits, denials, passage, platform, forDenials)
  const all = [...closed, ...allows]
  const policies = podPolicies(all, site)
  const names = all.flatMap(({ far }) => (far.kind === 'names' ? far.names : []))
  const duties = [
    ...dutiesOf(all),
    ...setupDuties(all, ({ id }) => id),
    ...(policies.length === 0 ? [] : [labellingDuty(policies), blockDuty]),
    ...(names.length === 0 ? [] : [resolverDuty]),
    ...(names.some((name) => name.startsWith('*')) ? [starDuty] : []),
    ...(all.some(({ ports }) => ports.some(({ first, last }) => last > first)) ? [rangeDuty] : []),
  ]
  const heading = [
    `What ${site} asks of the cluster, as postern plan wrote it on ${on}.`,
    ...duties.map((duty) => `To do: ${duty}`),
  ]
  const manifests = policies.map((policy) => manifestOf(policy, policies))
  return {
    files: [{ name: `${nameOf(site, '-')}-cilium.yaml`, text: manifestText(manifests, heading) }],
    notSaid: [...notSaid, ...unnamed(denials)],
    duties,
    places: { ...labelPlaces(policies), pods: podsOf(policies), nodes: cidrRanges('127.0.0.1') },
    besides: resolverRules(manifests.filter(({ hasResolver }) => hasResolver)),
  }
}

/**
 * Where pods are, for reading back: at the near ends, but for what is also a far end and has no label of its own. That
 * no far end is a node is told as a duty.
 */
function podsOf(policies: readonly PodPolicy[]): readonly AddressRange[] {
  const far = policies.flatMap(({ rules }) =>
    rules.flatMap((rule) => {
      const ranges = mergedRanges(rangesOfEnd(rule.far))
      return rangesWithout(ranges, mergedRanges(podsAmong(ranges, policies).flatMap(({ machines }) => machines)))
    }),
  )
  const near = policies.flatMap(({ machines }) => machines)
  return rangesWithout(mergedRanges(near), mergedRanges(far))
}

const blockDuty =
  'Blocks of addresses (toCIDRSet) never stand for pods and nodes of the cluster: an address of the site file that is one takes a rule by label or entity'

const resolverDuty =
  'Names are learnt from answers of kube-dns in kube-system (label k8s-app: kube-dns) through the DNS proxy of Cilium: where another resolver serves the pods, change that rule'

const starDuty =
  'Versions of Cilium that do not know a pattern with **. in front take it for one label: names two labels below then stay closed'

const rangeDuty = 'Ranges of ports (endPort) take Cilium 1.16 or later'

/** Denials of names of which nobody has the addresses. */
function unnamed(denials: readonly Permit[]): readonly NotPermitted[] {
  const why = 'a denial of Cilium takes no names, and no list has the addresses'
  const instead = 'allow no name and no block that leads there'
  return denials.flatMap(({ id, flows, to }) =>
    to.ranges.length > 0 ? [] : flows.map((flow) => ({ flow, permit: id, why, instead })),
  )
}

interface Section {
  readonly name: 'egress' | 'egressDeny' | 'ingress' | 'ingressDeny'
  readonly rules: readonly HostRule[]
}

interface PolicyManifest extends Manifest {
  readonly name: string
  /** How many rules its egress has. */
  readonly egress: number
  /** Whether the last of them is the one for the resolver. */
  readonly hasResolver: boolean
}

function manifestOf({ name, label, rules }: PodPolicy, all: readonly PodPolicy[]): PolicyManifest {
  const ruled = (passage: HostRule['passage'], isDenial: boolean): readonly HostRule[] =>
    rules.filter((rule) => rule.passage === passage && rule.isDenial === isDenial)
  const sections: readonly Section[] = [
    { name: 'egress', rules: ruled('output', false) },
    { name: 'egressDeny', rules: ruled('output', true) },
    { name: 'ingress', rules: ruled('input', false) },
    { name: 'ingressDeny', rules: ruled('input', true) },
  ]
  const isNamed = rules.some(({ far }) => far.kind === 'names')
  const entries = sections.map((section) => ({
    name: section.name,
    items: section.rules.flatMap((rule) =>
      itemsOf(rule, all, isNamed).map((item) => ({ item, permits: rule.permits })),
    ),
  }))
  const has = (section: Section['name']): boolean => entries.some((one) => one.name === section && one.items.length > 0)
  // A direction of which only denials are known stays open otherwise.
  const open = (['egress', 'ingress'] as const).filter((way) => has(`${way}Deny`) && !has(way))
  const annotations = entries.flatMap((entry) =>
    entry.items.map(({ permits }, at) => [`postern/${entry.name}-${at + 1}`, ruleComment(permits, longestAnnotation)]),
  )
  const lists = entries.flatMap(({ name: section, items }) => {
    const values = items.map(({ item }) => item)
    const withResolver = section === 'egress' && isNamed ? [...values, resolverRule] : values
    return withResolver.length === 0 ? [] : [[section, withResolver] as const]
  })
  const comments = entries.map(
    ({ name: section, items }) =>
      [section, [...items.map(({ permits }) => wholeComment(permits)), 'names are learnt from the answers']] as const,
  )
  return {
    value: {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name, annotations: Object.fromEntries(annotations) },
      spec: {
        endpointSelector: { matchLabels: { [label]: labelValue } },
        ...(open.length > 0 && { enableDefaultDeny: Object.fromEntries(open.map((way) => [way, false])) }),
        ...Object.fromEntries(lists),
      },
    },
    comments: Object.fromEntries(comments),
    name,
    egress: lists.find(([section]) => section === 'egress')?.[1].length ?? 0,
    hasResolver: isNamed,
  }
}

const everyName = { dns: [{ matchPattern: '*' }] }

const resolverRule = {
  toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } }],
  toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: everyName }],
}

/** One item for each kind of far end, since Cilium takes one kind in a rule; ICMP has one for each family. */
function itemsOf(rule: HostRule, all: readonly PodPolicy[], isNamed: boolean): readonly object[] {
  const { far, transport, passage } = rule
  const prefix = passage === 'output' ? 'to' : 'from'
  if (far.kind === 'names') return [{ toFQDNs: far.names.map(fqdnOf), toPorts: portsOf(rule, isNamed) }]
  const { ranges } = far
  const labels = podsAmong(ranges, all).map(({ label }) => ({ matchLabels: { [label]: labelValue } }))
  const ends = (own: readonly AddressRange[]): readonly object[] => [
    ...(own.length === 0 ? [] : [{ [`${prefix}CIDRSet`]: cidrTexts(own).map((cidr) => ({ cidr })) }]),
    ...(labels.length === 0 ? [] : [{ [`${prefix}Endpoints`]: labels }]),
  ]
  if (transport !== 'icmp') return ends(ranges).map((end) => ({ ...end, toPorts: portsOf(rule, isNamed) }))
  // Echo requests (RFC 792, RFC 4443 §4.1).
  return ([4, 6] as const).flatMap((family) => {
    const own = inFamily(ranges, family)
    const fields = [{ family: family === 4 ? 'IPv4' : 'IPv6', type: family === 4 ? 8 : 128 }]
    return own.length === 0 ? [] : ends(own).map((end) => ({ ...end, icmps: [{ fields }] }))
  })
}

/** Microsoft's star stands for one label or more. */
function fqdnOf(name: string): object {
  return name.startsWith('*.') ? { matchPattern: `*${name}` } : { matchName: name }
}

/** Questions to a resolver go through the DNS proxy where names have to be learnt, and so stand apart. */
function portsOf({ transport, ports, isDenial, passage }: HostRule, isNamed: boolean): readonly object[] {
  const isQuestion = ({ first, last }: NumberRange): boolean => first === 53 && last === 53
  const asks = isNamed && !isDenial && passage === 'output' ? ports.filter(isQuestion) : []
  const others = ports.filter((range) => !asks.includes(range))
  const protocol = transport.toUpperCase()
  const entry = ({ first, last }: NumberRange): object => ({
    // Port 0 would be every port.
    port: String(Math.max(1, first)),
    ...(last > first && { endPort: last }),
    protocol,
  })
  const count = Math.ceil(others.length / mostPorts)
  return [
    ...Array.from({ length: count }, (_, at) => ({
      ports: others.slice(at * mostPorts, (at + 1) * mostPorts).map(entry),
    })),
    ...(asks.length === 0 ? [] : [{ ports: asks.map(entry), rules: everyName }]),
  ]
}
