import type { Addresses } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import { mergedNumbers } from '../../numberRanges.ts'
import type { NumberRange, Rule } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import type { AddressObjects } from './addressObjects.ts'
import { namePatternOf } from './addressText.ts'
import type { ConfigNode } from './configTree.ts'
import { entriesOf, firstOf, isOn, valuesOf } from './reading.ts'
import { portsOf } from './services.ts'

/** What is opened of TLS, and what is left alone: the `ssl-ssh-profile` of policies. */
export interface InspectionProfiles {
  /** The profile by which a policy opens TLS; undefined where it opens nothing. */
  of(policy: ConfigNode): { readonly name: string; readonly unknowns: readonly Unknown[] } | undefined
  /** Rules of one profile; `span` is of a policy that has it, for a profile that no file defines. */
  rules(profile: string, span: Span): readonly Rule[]
}

const tcp: NumberRange = { first: 6, last: 6 }
/** Protocols over TLS that a profile opens unless it says otherwise, with their ports where it does not give them. */
const openedProtocols = [
  ['https', 443],
  ['ftps', 990],
  ['imaps', 993],
  ['pop3s', 995],
  ['smtps', 465],
  ['dot', 853],
] as const

export function inspectionProfiles(scope: ConfigNode, addresses: AddressObjects): InspectionProfiles {
  const profiles = new Map(entriesOf(scope, 'firewall ssl-ssh-profile').map((entry) => [entry.name, entry]))
  const groups = new Map(entriesOf(scope, 'firewall profile-group').map((entry) => [entry.name, entry]))
  const patterns = new Map(
    entriesOf(scope, 'firewall wildcard-fqdn custom').map((entry) => [entry.name, firstOf(entry, 'wildcard-fqdn')]),
  )
  return {
    of(policy) {
      const group = groups.get(firstOf(policy, 'profile-group') ?? '')
      const name =
        firstOf(policy, 'ssl-ssh-profile') ?? (group === undefined ? undefined : firstOf(group, 'ssl-ssh-profile'))
      if (name === undefined) return undefined
      const profile = profiles.get(name)
      if (profile === undefined && (name === 'certificate-inspection' || name === 'no-inspection')) return undefined
      if (profile !== undefined && openedPorts(profile).length === 0) return undefined
      const isUsed = isOn(policy, 'utm-status') || group !== undefined
      const unused: Unknown = {
        kind: 'other',
        what: 'whether TLS is opened where the policy has no profile that looks into it',
      }
      return { name, unknowns: isUsed ? [] : [unused] }
    },
    rules(name, policySpan) {
      const profile = profiles.get(name)
      if (profile === undefined) {
        const isBuiltIn = name === 'deep-inspection' || name === 'custom-deep-inspection'
        const because: Unknown = isBuiltIn
          ? { kind: 'other', what: `what the built-in profile ${name} leaves alone` }
          : { kind: 'reference', what: `the inspection profile "${name}", which the files do not define` }
        const match = { protocols: [tcp] }
        return [{ name, span: policySpan, match, action: { kind: 'inspect' }, unknowns: [because] }]
      }
      const exempt = profile.blocks.get('ssl-exempt')
      const spared = [...(exempt?.entries.values() ?? [])].flatMap((entry) =>
        exemptRules(name, entry, addresses, patterns),
      )
      const ports = openedPorts(profile)
      const match = {
        protocols: [tcp],
        ...(!ports.some(({ first, last }) => first <= 1 && last === 65535) && { destinationPorts: ports }),
      }
      return [...spared, { name, span: profile.statement.span(), match, action: { kind: 'inspect' }, unknowns: [] }]
    },
  }
}

/** Ports on which a profile opens TLS; empty: it opens none. */
function openedPorts(profile: ConfigNode): readonly NumberRange[] {
  const all = profile.blocks.get('ssl')
  if (all !== undefined && firstOf(all, 'inspect-all') === 'deep-inspection') return [{ first: 1, last: 65535 }]
  return mergedNumbers(
    openedProtocols.flatMap(([protocol, port]) => {
      const block = profile.blocks.get(protocol)
      if (block !== undefined && (firstOf(block, 'status') ?? 'deep-inspection') !== 'deep-inspection') return []
      const given = block === undefined ? [] : valuesOf(block, 'ports').flatMap((value) => portsOf(value) ?? [])
      return given.length > 0 ? given : [{ first: port, last: port }]
    }),
  )
}

function exemptRules(
  profile: string,
  entry: ConfigNode,
  addresses: AddressObjects,
  patterns: ReadonlyMap<string, string | undefined>,
): readonly Rule[] {
  const made = (match: Rule['match'], unknowns: readonly Unknown[] = []): Rule => ({
    name: `${profile}, exemption ${entry.name}`,
    span: entry.statement.span(),
    match,
    action: { kind: 'no-inspection' },
    unknowns,
  })
  switch (firstOf(entry, 'type') ?? 'fortiguard-category') {
    case 'wildcard-fqdn': {
      const name = firstOf(entry, 'wildcard-fqdn') ?? ''
      const text = patterns.get(name)
      if (text === undefined) {
        return [made({}, [{ kind: 'reference', what: `the name pattern "${name}", which the files do not define` }])]
      }
      const pattern = namePatternOf(text)
      return [made({ requestedNames: [pattern] })]
    }
    case 'address':
    case 'address6': {
      const family = firstOf(entry, 'type') === 'address6' ? 6 : 4
      const names = valuesOf(entry, family === 6 ? 'address6' : 'address')
      const set = addresses.of(names, family)
      // An exempt object that stands for names is compared with the name that is asked for as well.
      const asked = namesIn(set)
      return asked.length > 0 ? [made({ requestedNames: asked })] : [made({ family, destination: set })]
    }
    case 'regex':
      return [made({}, [{ kind: 'other', what: `the expression ${firstOf(entry, 'regex') ?? ''}` }])]
    default: {
      const category = firstOf(entry, 'fortiguard-category') ?? ''
      return [made({}, [{ kind: 'application', what: `whether the name is in the category ${category}` }])]
    }
  }
}

function namesIn({ sure, possible }: Addresses): readonly NamePattern[] {
  return sure.length > 0 ? [] : possible.flatMap(({ because }) => because.names ?? [])
}

/** What the filters of a policy's contents block, as far as a file shows it: categories, applications, names. */
export function contentFilters(scope: ConfigNode): (policy: ConfigNode) => readonly Unknown[] {
  const groups = new Map(entriesOf(scope, 'firewall profile-group').map((entry) => [entry.name, entry]))
  const kinds = [
    { key: 'webfilter-profile', block: 'webfilter profile', what: 'the web filter', blocks: blocksWeb },
    { key: 'application-list', block: 'application list', what: 'the application list', blocks: blocksApplications },
    { key: 'dnsfilter-profile', block: 'dnsfilter profile', what: 'the DNS filter', blocks: blocksWeb },
  ] as const
  const tables = kinds.map(({ block }) => new Map(entriesOf(scope, block).map((entry) => [entry.name, entry])))
  return (policy) => {
    const group = groups.get(firstOf(policy, 'profile-group') ?? '')
    if (!isOn(policy, 'utm-status') && group === undefined) return []
    return kinds.flatMap(({ key, what, blocks }, at): Unknown[] => {
      const name = firstOf(policy, key) ?? (group === undefined ? undefined : firstOf(group, key))
      if (name === undefined || name === '') return []
      const profile = tables[at]?.get(name)
      if (profile !== undefined && !blocks(profile)) return []
      return [{ kind: 'application', what: `what ${what} "${name}" blocks` }]
    })
  }
}

function blocksWeb(profile: ConfigNode): boolean {
  const categories = profile.blocks.get('ftgd-wf') ?? profile.blocks.get('ftgd-dns')
  const filters = categories?.blocks.get('filters')
  const some = [...(filters?.entries.values() ?? [])].some(
    (entry) => firstOf(entry, 'action') !== undefined && !['monitor', 'allow'].includes(firstOf(entry, 'action') ?? ''),
  )
  const lists = profile.blocks.get('web') ?? profile.blocks.get('domain-filter')
  return (
    some ||
    (lists !== undefined &&
      ['urlfilter-table', 'domain-filter-table', 'content-header-list'].some((key) => lists.settings.has(key)))
  )
}

function blocksApplications(list: ConfigNode): boolean {
  const ends = ['other-application-action', 'unknown-application-action'].some((key) => firstOf(list, key) === 'block')
  const entries = [...(list.blocks.get('entries')?.entries.values() ?? [])]
  return ends || entries.some((entry) => (firstOf(entry, 'action') ?? 'block') !== 'pass')
}
