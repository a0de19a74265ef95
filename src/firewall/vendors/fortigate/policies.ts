import type { Addresses } from '../../addresses.ts'
import { everyAddress, outsideOf, unionOf, unknownAddresses } from '../../addresses.ts'
import type { Match, Places, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { AddressObjects } from './addressObjects.ts'
import type { ConfigNode } from './configTree.ts'
import { furtherConditions, peopleSettings, understoodOfPolicy } from './policySettings.ts'
import type { Noted } from './reading.ts'
import { firstOf, isOn, valuesOf } from './reading.ts'
import type { ServiceMatches } from './services.ts'
import { negatedServices } from './services.ts'
import type { VirtualAddress, VirtualAddresses } from './virtualAddresses.ts'

/** What policies refer to. */
export interface PolicyScope {
  readonly addresses: AddressObjects
  readonly services: (names: readonly string[]) => ServiceMatches
  readonly virtual: VirtualAddresses
  /** What a schedule of a name depends on; undefined: it is always. */
  readonly schedule: (name: string) => Unknown | undefined
  /** What a filter of contents blocks, as far as it bears on whether a flow passes. */
  readonly contents: (policy: ConfigNode) => readonly Unknown[]
  /** Whether a denying policy without the setting is asked for what a virtual IP translated; undefined: nobody knows. */
  readonly matchesVirtualByDefault: boolean | undefined
  readonly centralNat: boolean
  /** Rules for virtual IPs that are still written out: short policies can name long groups of them. */
  readonly budget: { left: number }
  readonly notes: Noted
}

/** Rules of one policy: those for packets as they came, and those for packets that a virtual IP translated. */
export interface PolicyRules {
  readonly plain: readonly Rule[]
  readonly translated: readonly Rule[]
  /** Virtual IPs that it names: without one, a virtual IP translates nothing. */
  readonly named: readonly VirtualAddress[]
}

/** Names a policy as the device's own tools do: by its number. Entries of other lists say in their name which they are of. */
export function policyName(policy: ConfigNode): string {
  const name = firstOf(policy, 'name')
  const id = /^\d+$/.test(policy.name) ? `policy ${policy.name}` : policy.name
  return name === undefined || name === '' ? id : `${id} (${name})`
}

export function interfacesOf(policy: ConfigNode, key: string): Places | undefined {
  const names = valuesOf(policy, key)
  return names.length === 0 || names.includes('any') ? undefined : { names }
}

/**
 * Reads one policy of `firewall policy`, `policy6` or `consolidated policy`; a disabled one gives nothing.
 *
 * @param families `policy` has both, by `srcaddr` and `srcaddr6`; `policy6` has 6 alone, by `srcaddr`
 */
export function policyRules(policy: ConfigNode, kind: PolicyKind, scope: PolicyScope, sets?: string): PolicyRules {
  const strange = scope.notes.strangers(policy, understoodOfPolicy)
  if (firstOf(policy, 'status') === 'disable') return { plain: [], translated: [], named: [] }
  const unknowns = [...strange, ...conditionsOf(policy, scope)]
  const services = servicesOf(policy, scope)
  const parts = familiesOf(policy, kind).map((keys) => familyRules(policy, keys, { unknowns, services, scope, sets }))
  return {
    plain: parts.flatMap(({ plain }) => plain),
    translated: parts.flatMap(({ translated }) => translated),
    named: parts.flatMap(({ named }) => named),
  }
}

export type PolicyKind = 'policy' | 'policy6' | 'consolidated'

interface FamilyKeys {
  readonly family: 4 | 6
  readonly source: string
  readonly destination: string
  readonly negatesSource: string
  readonly negatesDestination: string
}

function familiesOf(policy: ConfigNode, kind: PolicyKind): readonly FamilyKeys[] {
  const plain = { negatesSource: 'srcaddr-negate', negatesDestination: 'dstaddr-negate' }
  if (kind === 'policy6') return [{ family: 6, source: 'srcaddr', destination: 'dstaddr', ...plain }]
  const four = kind === 'consolidated' ? '4' : ''
  const six = { negatesSource: 'srcaddr6-negate', negatesDestination: 'dstaddr6-negate' }
  const has = (keys: readonly string[]): boolean =>
    keys.some((key) => policy.settings.has(key) && firstOf(policy, key) !== 'disable')
  const hasFour = has([`srcaddr${four}`, `dstaddr${four}`, 'internet-service', 'internet-service-src'])
  const hasSix = has(['srcaddr6', 'dstaddr6', 'internet-service6', 'internet-service6-src'])
  return [
    ...(hasFour || !hasSix
      ? [{ family: 4, source: `srcaddr${four}`, destination: `dstaddr${four}`, ...plain } as const]
      : []),
    ...(hasSix
      ? [
          {
            family: 6,
            source: 'srcaddr6',
            destination: 'dstaddr6',
            // From 7.0 on there is one switch for both families on some releases, and one for each on others.
            ...(policy.settings.has('srcaddr6-negate') || policy.settings.has('dstaddr6-negate') ? six : plain),
          } as const,
        ]
      : []),
  ]
}

interface Shared {
  readonly unknowns: readonly Unknown[]
  readonly services: ServiceMatches
  readonly scope: PolicyScope
  readonly sets: string | undefined
}

function familyRules(policy: ConfigNode, keys: FamilyKeys, shared: Shared): PolicyRules {
  const { family } = keys
  const { scope } = shared
  const source = endOf(policy, family, keys.source, isOn(policy, keys.negatesSource), 'src', scope)
  const names = valuesOf(policy, keys.destination)
  const [first = ''] = names
  // One group is taken as it is: long ones are named again and again.
  const named: readonly VirtualAddress[] = scope.centralNat
    ? []
    : names.length === 1
      ? (scope.virtual.of(first, family) ?? [])
      : names.flatMap((name) => scope.virtual.of(name, family) ?? [])
  const plainNames = scope.centralNat ? names : names.filter((name) => scope.virtual.of(name, family) === undefined)
  const negates = isOn(policy, keys.negatesDestination)
  const negated: readonly Unknown[] =
    negates && named.length > 0 ? [{ kind: 'other', what: 'what a negated virtual IP stands for' }] : []
  const base = {
    family,
    source,
    ...placed('in', interfacesOf(policy, 'srcintf')),
    ...placed('out', interfacesOf(policy, 'dstintf')),
  }
  const made = (match: Match, unknowns: readonly Unknown[] = []): readonly Rule[] =>
    shared.services.map((service) =>
      ruleOf(
        policy,
        { ...match, ...service.match },
        [...shared.unknowns, ...service.unknowns, ...unknowns],
        shared.sets,
      ),
    )
  const denies = actionOf(policy).kind !== 'allow'
  const onlyVirtual =
    names.length > 0 && plainNames.length === 0 && !negates && !inPlaceOfAddresses(policy, 'dst', family)
  const plain = onlyVirtual
    ? []
    : made(
        { ...base, destination: endOf(policy, family, keys.destination, negates, 'dst', scope, plainNames) },
        negated,
      )
  scope.budget.left -= named.length
  const forNamed =
    scope.budget.left < 0 && named.length > 0
      ? made(base, [{ kind: 'other', what: 'which of the virtual IPs is meant: there are too many to write them out' }])
      : named.flatMap(({ tag }) => made({ ...base, tagged: { tag } }, negated))
  const translated = [
    ...forNamed,
    ...(matchesVirtual(policy, denies, scope) === 'no' || onlyVirtual
      ? []
      : made(base, [
          ...(matchesVirtual(policy, denies, scope) === 'may' ? [versionUnknown] : []),
          ...(plainNames.includes('all') && !negates ? [] : [comparedUnknown]),
        ])),
  ]
  return { plain, translated, named }
}

function placed(side: 'in' | 'out', places: Places | undefined): Pick<Match, 'in' | 'out'> {
  return places === undefined ? {} : { [side]: places }
}

const versionUnknown: Unknown = {
  kind: 'other',
  what: 'the release of FortiOS: whether a denying policy without match-vip is asked for what a virtual IP translated',
}
const comparedUnknown: Unknown = {
  kind: 'other',
  what: 'whether the policy compares the address before or after the virtual IP',
}

/** Whether a policy that does not name the virtual IP is asked for what it translated (`match-vip`). */
function matchesVirtual(policy: ConfigNode, denies: boolean, scope: PolicyScope): 'yes' | 'no' | 'may' {
  const setting = firstOf(policy, 'match-vip') ?? firstOf(policy, 'match-vip-only')
  if (setting !== undefined) return setting === 'enable' ? 'yes' : 'no'
  if (!denies || scope.matchesVirtualByDefault === false) return 'no'
  return scope.matchesVirtualByDefault === undefined ? 'may' : 'yes'
}

function inPlaceOfAddresses(policy: ConfigNode, side: 'src' | 'dst', family: 4 | 6): boolean {
  const prefix = `internet-service${family === 6 ? '6' : ''}${side === 'src' ? '-src' : ''}`
  return isOn(policy, prefix)
}

/** Source or destination: objects, or a service of Fortinet's list of the internet, whose addresses are not in a file. */
function endOf(
  policy: ConfigNode,
  family: 4 | 6,
  key: string,
  negates: boolean,
  side: 'src' | 'dst',
  scope: PolicyScope,
  names: readonly string[] = valuesOf(policy, key),
): Addresses {
  const within = everyAddress(family).sure
  if (inPlaceOfAddresses(policy, side, family)) {
    const prefix = `internet-service${family === 6 ? '6' : ''}${side === 'src' ? '-src' : ''}`
    const tags = ['name', 'id', 'group', 'custom', 'custom-group', 'fortiguard'].flatMap((kind) =>
      valuesOf(policy, `${prefix}-${kind}`),
    )
    if (tags.length === 0) {
      return unknownAddresses(
        { kind: 'other', what: `which internet service is meant: "${prefix}" names none` },
        within,
      )
    }
    const set = unionOf(
      tags.map((tag) =>
        unknownAddresses({ kind: 'tag', what: `the addresses and ports of the internet service ${tag}`, tag }, within),
      ),
    )
    return isOn(policy, `${prefix}-negate`) ? outsideOf(set, [family]) : set
  }
  if (names.length === 0) {
    return unknownAddresses({ kind: 'other', what: `"${key}", which the policy does not have` }, within)
  }
  const set = scope.addresses.of(names, family)
  return negates ? outsideOf(set, [family]) : set
}

function servicesOf(policy: ConfigNode, scope: PolicyScope): ServiceMatches {
  const names = valuesOf(policy, 'service')
  if (names.length === 0) {
    // An internet service brings its ports along, and stands as an unknown in the addresses.
    const brought = isOn(policy, 'internet-service') || isOn(policy, 'internet-service6')
    return [
      { match: {}, unknowns: brought ? [] : [{ kind: 'other', what: '"service", which the policy does not have' }] },
    ]
  }
  const rows = scope.services(names)
  return isOn(policy, 'service-negate') ? negatedServices(rows) : rows
}

function conditionsOf(policy: ConfigNode, scope: PolicyScope): readonly Unknown[] {
  const unknowns: Unknown[] = []
  if (peopleSettings.some((key) => valuesOf(policy, key).length > 0) || isOn(policy, 'identity-based-policy')) {
    const who = peopleSettings.flatMap((key) => valuesOf(policy, key)).slice(0, 5)
    unknowns.push({ kind: 'user', what: `who is signed in at the firewall (${who.join(', ')})` })
  }
  for (const [key, kind, what] of furtherConditions) {
    if (valuesOf(policy, key).some((value) => value !== '0')) unknowns.push({ kind, what })
  }
  if ((firstOf(policy, 'tos-mask') ?? '0x00') !== '0x00') unknowns.push({ kind: 'packet', what: 'its type of service' })
  const schedule = firstOf(policy, 'schedule')
  const time = schedule === undefined ? undefined : scope.schedule(schedule)
  if (time !== undefined) unknowns.push(time)
  const { kind } = actionOf(policy)
  if (kind === 'unknown') {
    unknowns.push({ kind: 'other', what: `the action "${firstOf(policy, 'action') ?? ''}"` })
  }
  if (kind !== 'allow') return unknowns
  if (isOn(policy, 'nat46') || isOn(policy, 'nat64')) {
    unknowns.push({ kind: 'other', what: 'the translation between IPv4 and IPv6' })
  }
  if (isOn(policy, 'http-policy-redirect') || isOn(policy, 'ztna-status')) {
    unknowns.push({ kind: 'other', what: 'the proxy policies, which are asked after it' })
  }
  return [...unknowns, ...scope.contents(policy)]
}

function actionOf(policy: ConfigNode): Rule['action'] {
  switch (firstOf(policy, 'action') ?? 'deny') {
    case 'accept':
      return { kind: 'allow' }
    case 'deny':
      return { kind: isOn(policy, 'send-deny-packet') ? 'reject' : 'drop' }
    default:
      return { kind: 'unknown' }
  }
}

function ruleOf(policy: ConfigNode, match: Match, unknowns: readonly Unknown[], sets: string | undefined): Rule {
  const action = actionOf(policy)
  const comment = firstOf(policy, 'comments')
  return {
    name: policyName(policy),
    span: policy.statement.span(),
    match,
    action,
    unknowns,
    ...(sets !== undefined && action.kind === 'allow' && { sets }),
    ...(comment !== undefined && { comment }),
  }
}
