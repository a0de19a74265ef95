import type { NotPermitted, Permit } from '../../permit.ts'
import type { Writer } from '../../writer.ts'
import { cidrTexts } from '../../writing/addressTexts.ts'
import { leftOpen } from '../../writing/closedByDefault.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import type { HostRule } from '../../writing/hostRules.ts'
import { hostRules, rangesOfEnd } from '../../writing/hostRules.ts'
import { nameOf } from '../../writing/plainText.ts'
import { ruleComment, wholeComment } from '../../writing/ruleComment.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import type { Manifest } from './manifestText.ts'
import { manifestText } from './manifestText.ts'
import type { PodPolicy } from './podPolicies.ts'
import { labellingDuty, labelPlaces, labelValue, podPolicies, podsAmong, resolverRules } from './podPolicies.ts'

const platform = {
  called: 'a NetworkPolicy',
  says: ['prefixes'],
  insteadOfName: 'write it for cilium, whose policies take names',
} as const

/** Characters of an annotation: all of them together have 256 KiB (Kubernetes: annotations). */
const longestAnnotation = 250

/**
 * Writes NetworkPolicies, one for the pods of each near end. A policy closes what it does not list for the pods that it
 * selects, so that there are no denials; and it lets them ask the cluster's own resolver.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const isSpoken = ({ transport }: Permit): boolean => transport !== 'icmp'
  const {
    allows,
    denials: closed,
    notSaid,
  } = hostRules(permits.filter(isSpoken), denials.filter(isSpoken), passage, platform)
  const policies = podPolicies(allows, site)
  const duties = [
    ...dutiesOf(allows),
    ...setupDuties(allows, ({ id }) => id),
    ...(policies.length === 0 ? [] : [labellingDuty(policies), blockDuty]),
    ...(policies.some(asksNames) ? [resolverDuty] : []),
  ]
  const heading = [
    `What ${site} asks of the cluster, as postern plan wrote it on ${on}.`,
    ...duties.map((duty) => `To do: ${duty}`),
  ]
  return {
    files: [
      {
        name: `${nameOf(site, '-')}-network-policies.yaml`,
        text: manifestText(
          policies.map((policy) => manifestOf(policy, policies)),
          heading,
        ),
      },
    ],
    notSaid: [
      ...[...permits, ...denials].flatMap((permit) => (isSpoken(permit) ? [] : noIcmp(permit))),
      ...notSaid,
      ...leftOpen(closed, allows, 'a NetworkPolicy', 'write it for cilium, or close it in front of the cluster'),
    ],
    duties,
    places: labelPlaces(policies),
    besides: resolverRules(
      policies.filter(asksNames).map((policy) => ({ name: policy.name, egress: outbound(policy).length + 1 })),
    ),
  }
}

const blockDuty =
  'Blocks of addresses stand for what is outside of the cluster: whether they hold for pods and services too, the network plugin decides'

const resolverDuty =
  'Names are asked of kube-dns in kube-system (label k8s-app: kube-dns): where another resolver serves the pods, change that rule'

function noIcmp({ id, flows }: Permit): readonly NotPermitted[] {
  const why = 'a NetworkPolicy speaks of TCP, UDP and SCTP alone'
  const instead = 'write it for cilium, or see what the network plugin does with ICMP by itself'
  return flows.map((flow) => ({ flow, permit: id, why, instead }))
}

function outbound({ rules }: PodPolicy): readonly HostRule[] {
  return rules.filter(({ passage }) => passage === 'output')
}

/** Whether the pods go to something by its name. */
function asksNames(policy: PodPolicy): boolean {
  return outbound(policy).some((rule) => rule.permits.some(({ to }) => to.name !== undefined))
}

function manifestOf(policy: PodPolicy, all: readonly PodPolicy[]): Manifest {
  const { name, label, rules } = policy
  const out = outbound(policy)
  const into = rules.filter(({ passage }) => passage === 'input')
  const asks = asksNames(policy)
  const annotations = [
    ...out.map((rule, at) => [`postern/egress-${at + 1}`, ruleComment(rule.permits, longestAnnotation)]),
    ...into.map((rule, at) => [`postern/ingress-${at + 1}`, ruleComment(rule.permits, longestAnnotation)]),
  ]
  return {
    value: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, annotations: Object.fromEntries(annotations) },
      spec: {
        podSelector: { matchLabels: { [label]: labelValue } },
        policyTypes: [...(out.length > 0 ? ['Egress'] : []), ...(into.length > 0 ? ['Ingress'] : [])],
        ...(out.length > 0 && {
          egress: [
            ...out.map((rule) => ({ to: peersOf(rule, all), ports: portsOf(rule) })),
            ...(asks ? [resolverRule] : []),
          ],
        }),
        ...(into.length > 0 && { ingress: into.map((rule) => ({ from: peersOf(rule, all), ports: portsOf(rule) })) }),
      },
    },
    comments: {
      egress: [...out.map(({ permits }) => wholeComment(permits)), 'names are asked of the resolver of the cluster'],
      ingress: into.map(({ permits }) => wholeComment(permits)),
    },
  }
}

const resolverRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}

function peersOf({ far }: HostRule, all: readonly PodPolicy[]): readonly object[] {
  const ranges = rangesOfEnd(far)
  return [
    ...cidrTexts(ranges).map((cidr) => ({ ipBlock: { cidr } })),
    ...podsAmong(ranges, all).map(({ label }) => ({ podSelector: { matchLabels: { [label]: labelValue } } })),
  ]
}

function portsOf({ transport, ports }: HostRule): readonly object[] {
  return ports.map(({ first, last }) => ({
    protocol: transport.toUpperCase(),
    // Port 0 is none.
    port: Math.max(1, first),
    ...(last > first && { endPort: last }),
  }))
}
