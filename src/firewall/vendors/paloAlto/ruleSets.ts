import type { AddressRange } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import { natRules } from './natRules.ts'
import { networkOf } from './network.ts'
import type { Notes } from './notes.ts'
import { isYes, membersOf, nameOf } from './notes.ts'
import type { Scopes } from './objects.ts'
import { addressObjects } from './objects.ts'
import { ruleScope } from './ruleMatch.ts'
import { authenticationRules, decryptionRules, defaultRules, securityRules } from './securityRules.ts'

/** What one virtual system, or the firewalls of one device group, are made of. */
export interface System {
  readonly title: string
  /** Where objects are looked up, the nearest first. */
  readonly scopes: Scopes
  /** Rulebases in the order in which they are asked. */
  readonly rulebases: readonly XmlTree[]
  /** Of a device group: after which of the rulebases the firewall's own rules come, which no file has. */
  readonly unknownAfter?: number
  /** Rulebases that may override the default rules, the nearest first. */
  readonly defaults: readonly XmlTree[]
  readonly network: XmlTree | undefined
  /** Where zones stand. */
  readonly zoned: readonly XmlTree[]
  /** Where the system itself begins, for what has no line of its own. */
  readonly element: XmlTree
}

/** Makes the rule set of one system. */
export function systemRuleSet(system: System, hints: ReadingHints, notes: Notes, doubts: readonly Unknown[]): RuleSet {
  const scope = ruleScope(system.scopes, notes)
  const rulesOf = (kind: string): readonly XmlTree[] =>
    system.rulebases.flatMap((rulebase) => rulebase.child(kind, 'rules')?.elements('entry') ?? [])
  const isForwardedByPolicy = rulesOf('pbf').some((rule) => !isYes(rule.child('disabled')))
  const addresses = addressObjects(system.scopes, notes)
  const single = (name: string): AddressRange | undefined => {
    const { sure, possible } = addresses([name])
    return possible.length === 0 && sure.length === 1 ? sure[0] : undefined
  }
  const network = networkOf(system.network, system.zoned, single, hints, isForwardedByPolicy)
  const nat = natRules(rulesOf('nat'), scope, network.places)
  const chains: Record<string, readonly Rule[]> = {
    'NAT, destination': nat.destination,
    authentication: authenticationRules(rulesOf('authentication'), scope),
    security: [
      ...system.rulebases.flatMap((rulebase, at) => [
        ...securityRules(rulebase.child('security', 'rules')?.elements('entry') ?? [], scope),
        ...(system.unknownAfter === at + 1 ? [localRules(system.element)] : []),
      ]),
      ...(system.unknownAfter === 0 ? [localRules(system.element)] : []),
      ...defaultRules(system.defaults, system.element),
    ],
    decryption: [...exclusions(system.scopes), ...decryptionRules(rulesOf('decryption'), scope)],
    'NAT, source': nat.source,
    management: [],
  }
  return { vendor: 'palo-alto', name: system.title, stages: stagesOf(chains), chains, ...network, doubts }
}

/** A system whose rules are too many, with all the others, to be written out. */
export function unwrittenRuleSet({ title }: System, doubts: readonly Unknown[]): RuleSet {
  const because: Unknown = {
    kind: 'other',
    what: 'rules that are too many, with those of the other systems, to be written out',
  }
  const chains = { security: [], management: [] }
  return {
    vendor: 'palo-alto',
    name: title,
    stages: stagesOf(chains),
    chains,
    places: [],
    doubts: [...doubts, because],
  }
}

/** Between the first and the last rules of Panorama stand those of the firewall itself. */
function localRules(element: XmlTree): Rule {
  return {
    name: 'rules of the firewall itself',
    span: element.span(),
    match: {},
    action: { kind: 'unknown' },
    unknowns: [
      {
        kind: 'other',
        what: 'the rules of the firewall itself, which come between those of Panorama and which the files do not have',
      },
    ],
    implied: true,
  }
}

/** Names that the device leaves alone whatever the rules say (`ssl-exclude-cert`). */
function exclusions(scopes: Scopes): readonly Rule[] {
  return scopes.flatMap((scope) =>
    (scope.child('ssl-decrypt', 'ssl-exclude-cert')?.elements('entry') ?? []).flatMap((entry): Rule[] => {
      if (entry.child('exclude')?.text() === 'no') return []
      const text = nameOf(entry).toLowerCase()
      const name = text.replace(/^\*\./, '')
      const covers = !text.includes('*') ? 'exactly' : /^\*\.[^*]+$/.test(text) ? 'below' : 'glob'
      return [
        {
          name: `exclusion of ${text}`,
          span: entry.span(),
          match: { requestedNames: [{ text, name, covers }] },
          action: { kind: 'no-inspection' },
          unknowns: [],
        },
      ]
    }),
  )
}

function stagesOf(chains: Readonly<Record<string, readonly Rule[]>>): readonly Stage[] {
  const nothing = { action: 'allow', name: 'no NAT rule' } as const
  const stage = (
    chain: string,
    name: string,
    rest: Omit<Stage, 'name' | 'chain' | 'stateful' | 'addresses'>,
  ): Stage => ({
    name,
    chain,
    stateful: true,
    // Addresses are compared as they came, zones are those of where it goes in the end.
    addresses: 'original',
    ...rest,
  })
  const all: readonly Stage[] = [
    stage('NAT, destination', 'NAT rules', { hook: 'prerouting', kind: 'destination-nat', otherwise: nothing }),
    stage('authentication', 'authentication rules', {
      hook: 'forward',
      kind: 'filter',
      otherwise: { action: 'allow', name: 'no authentication rule' },
    }),
    // Both default rules stand in the list: what neither matches is of a place that nobody knows.
    stage('security', 'security rules', {
      hook: 'forward',
      kind: 'filter',
      otherwise: { action: 'drop', name: 'interzone-default' },
    }),
    stage('decryption', 'decryption rules', {
      hook: 'forward',
      kind: 'inspection',
      otherwise: { action: 'allow', name: 'no decryption rule' },
    }),
    stage('NAT, source', 'NAT rules, source', { hook: 'postrouting', kind: 'source-nat', otherwise: nothing }),
    stage('management', 'management profiles', {
      hook: 'input',
      kind: 'filter',
      otherwise: { action: 'unknown', name: 'management profiles of the interfaces' },
    }),
  ]
  const always = new Set(['security', 'management'])
  return all.filter(({ chain }) => always.has(chain) || (chains[chain]?.length ?? 0) > 0)
}

/** The one network that the templates of a Panorama have; undefined where it is not clear which is meant. */
export function templateOf(
  templates: readonly XmlTree[],
  stacks: readonly XmlTree[],
  group: XmlTree,
): { readonly network?: XmlTree; readonly zoned: readonly XmlTree[] } {
  // Commands leave out the device, of which a template has one.
  const parts = (template: XmlTree): readonly XmlTree[] => {
    const config = template.child('config')
    return config === undefined ? [] : [...(config.child('devices')?.elements('entry') ?? []), config]
  }
  const withNetwork = templates.filter((template) =>
    parts(template).some((device) => device.child('network') !== undefined),
  )
  const serials = new Set(
    (group.child('devices')?.elements() ?? []).map((device) => device.attribute('name') ?? device.name),
  )
  const stacked = stacks.filter((stack) =>
    (stack.child('devices')?.elements() ?? []).some((device) => serials.has(device.attribute('name') ?? device.name)),
  )
  const named = new Set(stacked.flatMap((stack) => membersOf(stack.child('templates'))))
  const meant = named.size > 0 ? withNetwork.filter((template) => named.has(nameOf(template))) : withNetwork
  const [only] = meant
  if (only === undefined || meant.length > 1) return { zoned: [] }
  const network = parts(only)
    .map((part) => part.child('network'))
    .find((found) => found !== undefined)
  const zoned = parts(only).flatMap((part) => part.child('vsys')?.elements('entry') ?? [])
  return { ...(network !== undefined && { network }), zoned }
}
