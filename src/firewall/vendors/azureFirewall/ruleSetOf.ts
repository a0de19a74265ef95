import type { AddressRange } from '../../addresses.ts'
import { addressesOf, everyAddress, unknownAddresses } from '../../addresses.ts'
import type { Action, Match, Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import { publicSpace, serviceTagAddresses } from '../azure/addressTexts.ts'
import { proxied } from './applicationRules.ts'
import { natTag } from './networkRules.ts'
import type { Settings } from './settings.ts'

/** Rules of one firewall by kind, each in the order in which it is asked. */
export interface FirewallRules {
  readonly nat: readonly Rule[]
  readonly network: readonly Rule[]
  readonly application: readonly Rule[]
}

/**
 * The way of a packet through an Azure Firewall: threat intelligence, DNAT with what it lets in, network rules,
 * application rules, the firewall's own names, denial; then the source is translated.
 */
export function ruleSetOf(
  name: string,
  span: Span,
  rules: FirewallRules,
  settings: Settings,
  doubts: readonly Unknown[],
): RuleSet {
  const chains: Record<string, readonly Rule[]> = {
    'threat intelligence': threatRules(settings, span),
    DNAT: rules.nat,
    rules: [...allowedByNat(rules.nat), ...rules.network, ...rules.application, infrastructure(span)],
    'to the firewall itself': ownServices(settings, span),
    SNAT: sourceRules(settings, span),
  }
  const stages = [
    stage('threat intelligence', 'prerouting', 'filter', 'allow', 'no threat'),
    stage('DNAT', 'prerouting', 'destination-nat', 'allow', 'no DNAT rule'),
    stage('to the firewall itself', 'input', 'filter', 'drop', 'no service of the firewall'),
    stage('rules', 'forward', 'filter', 'drop', 'default deny'),
    stage('SNAT', 'postrouting', 'source-nat', 'allow', 'no translation'),
  ].filter(({ chain }) => chain !== 'threat intelligence' || chains[chain]?.length !== 0)
  const place = { name: 'AzureFirewallSubnet', kind: 'interface', own: settings.own } as const
  return {
    vendor: 'azure-firewall',
    name,
    stages,
    chains,
    places: settings.own.length === 0 ? [] : [place],
    doubts,
  }
}

function stage(
  chain: string,
  hook: Stage['hook'],
  kind: Stage['kind'],
  action: Stage['otherwise']['action'],
  name: string,
): Stage {
  return { name: chain, hook, kind, chain, otherwise: { action, name }, stateful: true, addresses: 'current' }
}

function implied(name: string, span: Span, match: Match, action: Action, unknowns: readonly Unknown[] = []): Rule {
  return { name, span, match, action, unknowns, implied: true }
}

/** Microsoft's list of addresses and names is not public: in the mode Deny anything public may be on it. */
function threatRules({ threatIntelligence, spared }: Settings, span: Span): readonly Rule[] {
  if (threatIntelligence === 'off') return []
  const listed = (side: string): Unknown => ({
    kind: 'dynamic-set',
    what: `whether Microsoft's threat intelligence lists the ${side}`,
  })
  const mode: readonly Unknown[] =
    threatIntelligence === 'unknown' ? [{ kind: 'reference', what: 'the mode of threat intelligence' }] : []
  const rules: Rule[] = []
  if (spared.names.length > 0) {
    rules.push(implied('allow list of threat intelligence', span, { requestedNames: spared.names }, { kind: 'allow' }))
  }
  if (spared.addresses.length > 0) {
    const addresses = addressesOf(spared.addresses)
    rules.push(implied('allow list of threat intelligence', span, { destination: addresses }, { kind: 'allow' }))
    rules.push(implied('allow list of threat intelligence', span, { source: addresses }, { kind: 'allow' }))
  }
  const drop: Action = { kind: 'drop' }
  return [
    ...rules,
    implied(
      'threat intelligence',
      span,
      { destination: unknownAddresses(listed('destination'), publicSpace) },
      drop,
      mode,
    ),
    implied('threat intelligence', span, { source: unknownAddresses(listed('source'), publicSpace) }, drop, mode),
  ]
}

/** What DNAT translates is allowed, and no network rule is asked about it. */
function allowedByNat(nat: readonly Rule[]): readonly Rule[] {
  const seen = new Set<string>()
  return nat.flatMap(({ name, span, sets, unknowns, action }) => {
    if (sets === undefined || seen.has(sets)) return []
    seen.add(sets)
    const rule = implied(
      natTag(name),
      span,
      { tagged: { tag: sets } },
      { kind: 'allow' },
      action.kind === 'unknown' ? unknowns : [],
    )
    return [{ ...rule, sets: proxied }]
  })
}

/**
 * Names that the platform itself needs are let out where no rule denies them. The list is Microsoft's, of storage and
 * diagnostics (Microsoft Learn: *Infrastructure FQDNs for Azure Firewall*).
 */
function infrastructure(span: Span): Rule {
  const names = ['core.windows.net', 'core.usgovcloudapi.net', 'core.chinacloudapi.cn'].map((name) => ({
    text: `*.${name}`,
    name,
    covers: 'below' as const,
  }))
  const match: Match = {
    family: 4,
    protocols: [{ first: 6, last: 6 }],
    destinationPorts: [
      { first: 80, last: 80 },
      { first: 443, last: 443 },
    ],
    requestedNames: names,
    destination: serviceTagAddresses('AzureCloud'),
  }
  const because: Unknown = { kind: 'tag', what: "the firewall's built-in names of the platform's own services" }
  return { ...implied('infrastructure FQDNs', span, match, { kind: 'allow' }, [because]), sets: proxied }
}

function ownServices({ dnsProxy, hasExplicitProxy }: Settings, span: Span): readonly Rule[] {
  const rules: Rule[] = []
  const port = (first: number): Match => ({
    family: 4,
    protocols: [
      { first: 6, last: 6 },
      { first: 17, last: 17 },
    ],
    destinationPorts: [{ first, last: first }],
  })
  const isOn: readonly Unknown[] =
    dnsProxy === 'unknown' ? [{ kind: 'reference', what: 'whether the DNS proxy of the firewall is on' }] : []
  if (dnsProxy !== 'off') rules.push(implied('DNS proxy', span, port(53), { kind: 'allow' }, isOn))
  const because: Unknown = { kind: 'other', what: 'the explicit proxy of the firewall' }
  if (hasExplicitProxy) rules.push(implied('explicit proxy', span, {}, { kind: 'unknown' }, [because]))
  return rules
}

/** The proxy and DNAT put the firewall's address before all; network rules leave private destinations as they are. */
function sourceRules({ privateRanges, privateDoubt }: Settings, span: Span): readonly Rule[] {
  const translate: Action = { kind: 'translate', source: { to: 'interface' } }
  const all: readonly AddressRange[] = everyAddress(4).sure
  const rules = [implied('SNAT of the proxy', span, { tagged: { tag: proxied } }, translate)]
  if (privateRanges.length > 0) {
    const match = { destination: addressesOf(privateRanges) }
    rules.push(implied('no SNAT to private ranges', span, match, { kind: 'no-translation' }))
  }
  if (privateDoubt !== undefined) {
    const match = { destination: unknownAddresses(privateDoubt, all) }
    rules.push(implied('no SNAT to private ranges', span, match, { kind: 'no-translation' }))
  }
  return [...rules, implied('SNAT', span, { family: 4 }, translate)]
}
