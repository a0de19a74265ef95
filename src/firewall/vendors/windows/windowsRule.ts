import type { Addresses } from '../../addresses.ts'
import { unionOf, unknownAddresses } from '../../addresses.ts'
import type { Action, Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { AddressKnowledge } from './addressTerms.ts'
import { addressesOfTerms } from './addressTerms.ts'
import { conditionsOf } from './conditions.ts'
import type { Entry } from './entry.ts'
import { isLost, single } from './entry.ts'
import type { PortTerms } from './portTerms.ts'
import { icmpOf, portsOfTerms, protocolOf } from './portTerms.ts'
import type { Direction, ProfileName } from './words.ts'
import { actionOf, directionsOf, isOn, profilesOf } from './words.ts'

/** A rule as Windows weighs it: authenticated bypass before block before allow (MS-FASP 2.2.34), whatever their order. */
export interface WeighedRule {
  readonly direction: Direction
  readonly weight: 'bypass' | 'block' | 'allow'
  readonly profiles: readonly ProfileName[]
  /** Whether it is a local rule, which a profile may turn off; undefined where the export does not tell. */
  readonly isLocal: boolean | undefined
  readonly rules: readonly Rule[]
}

export interface ReadRule {
  /** Empty for a rule that is off or not in force. */
  readonly weighed: readonly WeighedRule[]
  /** What of it was not understood. */
  readonly faults: readonly string[]
  /** What rules can ask and the export does not have. */
  readonly lacking: readonly string[]
}

/** Why a rule that an ActiveStore export lists has no effect, by EnforcementStatus of MSFT_NetFirewallRule. */
const notInForce =
  /^(14|15|16|18|local(globalopenports|authorizedapplications|firewallrules)disallowed|(not|mis)target(ed)?platform|mismatchedplatform)$/i

/**
 * Makes rules of an entry with its filters joined.
 *
 * A condition that the files do not settle (program, service, user, IPsec, interface type, platform) leaves the rule
 * in its place as one that may match.
 */
export function readRule(entry: Entry, known: AddressKnowledge): ReadRule {
  const enabled = isOn(single(entry, 'enabled'), 'rule')
  const isInForce = !(entry.fields.get('enforcementstatus') ?? []).some((status) => notInForce.test(status.trim()))
  if (enabled === false || !isInForce || isOfServices(entry)) return { weighed: [], faults: [], lacking: [] }
  const faults: string[] = []
  const unknowns: Unknown[] = []
  const unread = (what: string): void => {
    faults.push(what)
    unknowns.push({ kind: 'unread', what })
  }
  const lacking: string[] = []
  const lacks = (what: string): void => {
    lacking.push(what)
    unknowns.push({ kind: 'unread', what })
  }
  for (const doubt of entry.doubts ?? []) unread(doubt)
  if (entry.notShown !== undefined) lacks(entry.notShown)
  if (enabled === undefined) unread('whether the rule is enabled')
  unknowns.push(...conditionsOf(entry, unread, lacks))
  const bypass = isOn(single(entry, 'overrideblockrules'), 'setting') === true
  const found = actionOf(single(entry, 'action'))
  if (found === undefined) unread(`the action "${single(entry, 'action') ?? ''}"`)
  const action: Action = found === undefined ? { kind: 'unknown' } : { kind: found === 'block' ? 'drop' : 'allow' }
  const weight = found === 'bypass' || (bypass && found === 'allow') ? 'bypass' : found === 'allow' ? 'allow' : 'block'
  if (weight === 'bypass') {
    unknowns.push({ kind: 'user', what: 'whether IPsec authenticates the computer or user that the bypass is for' })
  }
  const profiles = profilesOf(entry.fields.get('profile'), entry.isComplete === true)
  if (profiles === undefined) unread('the profiles of the rule')
  const directions = directionsOf(single(entry, 'direction'))
  if (directions.length > 1) unread('whether the rule is inbound or outbound')
  const ends = endsOf(entry, known, unread, lacks)
  const name = single(entry, 'displayname') ?? single(entry, 'name') ?? 'a rule without a name'
  const comment = single(entry, 'description')
  const weighed = directions.map(
    (direction): WeighedRule => ({
      direction,
      weight,
      profiles: profiles ?? ['domain', 'private', 'public'],
      isLocal: isLocalRule(entry),
      rules: variantsOf(ends, direction).map(({ match, because }) => ({
        name,
        span: entry.span,
        match: { ...match, ...placeOf(entry, direction) },
        action,
        unknowns: because === undefined ? unknowns : [...unknowns, because],
        ...(comment !== undefined && comment !== '' && { comment }),
      })),
    }),
  )
  return { weighed, faults, lacking }
}

/** Service hardening: what ships with Windows, and what lets a service pass its own restrictions and no others. */
function isOfServices(entry: Entry): boolean {
  const source = single(entry, 'policystoresource')?.toLowerCase()
  if (entry.store === 'static' || source === 'staticservicestore') return true
  const isRestriction = entry.store === 'service' || source === 'configurableservicestore'
  return isRestriction && actionOf(single(entry, 'action')) === 'allow'
}

function isLocalRule(entry: Entry): boolean | undefined {
  const type = single(entry, 'policystoresourcetype')?.toLowerCase()
  if (type === '1' || type === 'local') return true
  if (type !== undefined && type !== '0' && type !== 'none') return false
  return entry.store === 'local' ? true : entry.store === 'policy' ? false : undefined
}

interface Ends {
  readonly protocol: number | 'any' | undefined
  readonly local: Addresses | undefined
  readonly remote: Addresses | undefined
  readonly localPorts: PortTerms
  readonly remotePorts: PortTerms
  readonly icmp: Match['icmp']
}

/** Addresses, protocol and ports; what is absent from the export or not understood is told to `unread` and asks nothing. */
function endsOf(
  entry: Entry,
  known: AddressKnowledge,
  unread: (what: string) => void,
  lacks: (what: string) => void,
): Ends {
  const valuesOf = (field: string): readonly string[] => {
    const values = entry.fields.get(field)
    if (values?.some(isLost) === true) unread(`${field}, of which the export only has "${values[0] ?? ''}"`)
    else if (values !== undefined) return values
    else if (entry.isComplete !== true) lacks(`${field}, which the export does not have`)
    return ['Any']
  }
  const addresses = (field: string): Addresses | undefined => {
    const { set, faults } = addressesOfTerms(valuesOf(field), known)
    if (faults.length === 0) return set
    unread(`"${faults.slice(0, 3).join(', ')}" in ${field}`)
    return unionOf([
      ...(set === undefined ? [] : [set]),
      unknownAddresses({ kind: 'unread', what: `"${faults[0] ?? ''}"` }),
    ])
  }
  const ports = (field: string): PortTerms => {
    const isMeant = protocol === 6 || protocol === 17
    const written = entry.fields.get(field)
    // Filters of other protocols have no ports, and some exports leave their fields out.
    if (!isMeant && (written === undefined || protocol !== 'any')) return { words: [], faults: [] }
    const terms = portsOfTerms(valuesOf(field))
    if (terms.faults.length > 0) unread(`"${terms.faults.slice(0, 3).join(', ')}" in ${field}`)
    if (!isMeant && terms.ports !== undefined) unread(`${field} in a rule for any protocol`)
    return terms.faults.length > 0 || !isMeant ? { words: [], faults: [] } : terms
  }
  const [written = 'Any'] = valuesOf('protocol')
  const protocol = protocolOf(written)
  if (protocol === undefined) unread(`the protocol "${written}"`)
  const remote = addresses('remoteaddress')
  return {
    protocol,
    local: addresses('localaddress'),
    remote: withKeywords(entry, remote, known, unread),
    localPorts: ports('localport'),
    remotePorts: ports('remoteport'),
    icmp: icmpTypes(entry, protocol, unread, lacks),
  }
}

/** Dynamic keyword addresses widen the remote addresses, or are all of them where those are Any. */
function withKeywords(
  entry: Entry,
  remote: Addresses | undefined,
  known: AddressKnowledge,
  unread: (what: string) => void,
): Addresses | undefined {
  const written = entry.fields.get('remotedynamickeywordaddresses')
  const ids = (written ?? []).flatMap((value) => value.split(/[,;\s]+/)).filter((id) => id !== '' && !/^any$/i.test(id))
  if (written?.some(isLost) === true) {
    unread('RemoteDynamicKeywordAddresses, which the export has lost')
    return remote
  }
  if (ids.length === 0) return remote
  const sets = ids.map(
    (id) =>
      known.keywords.get(id.toLowerCase().replace(/[{}]/g, '')) ??
      unknownAddresses({
        kind: 'reference',
        what: `the dynamic keyword address ${id}, which Get-NetFirewallDynamicKeywordAddress tells`,
      }),
  )
  return unionOf(remote === undefined ? sets : [remote, ...sets])
}

function icmpTypes(
  entry: Entry,
  protocol: Ends['protocol'],
  unread: (what: string) => void,
  lacks: (what: string) => void,
): Match['icmp'] {
  const field = protocol === 1 ? 'icmp4' : protocol === 58 ? 'icmp6' : undefined
  if (field === undefined) return undefined
  const written = entry.fields.get(field) ?? entry.fields.get('icmptype')
  if (written === undefined) {
    if (entry.isComplete !== true) lacks('icmptype, which the export does not have')
    return undefined
  }
  const types = written
    .flatMap((value) => value.split(/[,;\s]+/))
    .filter((value) => value !== '')
    .map(icmpOf)
  if (types.includes(undefined)) {
    unread(`the ICMP type "${written.join(',').slice(0, 40)}"`)
    return undefined
  }
  const listed = types.filter((type) => type !== 'any' && type !== undefined)
  return listed.length < types.length || listed.length === 0 ? undefined : listed
}

interface Variant {
  readonly match: Match
  readonly because?: Unknown
}

/** One rule for what is sure, and one for each word of ports that only the running machine settles. */
function variantsOf(ends: Ends, direction: Direction): readonly Variant[] {
  const variants: Variant[] = []
  const choices = (terms: PortTerms): readonly { ports?: readonly NumberRange[]; because?: Unknown }[] => {
    if (terms.ports === undefined) return [{}]
    const sure = terms.ports.length > 0 ? [{ ports: terms.ports }] : []
    const possible = [...new Set(terms.words)].map(({ ports, unknown }) => ({ ports: [ports], because: unknown }))
    return sure.length + possible.length === 0 ? [{}] : [...sure, ...possible]
  }
  for (const local of choices(ends.localPorts)) {
    for (const remote of choices(ends.remotePorts)) {
      const [source, destination] = direction === 'inbound' ? [remote, local] : [local, remote]
      const [from, to] = direction === 'inbound' ? [ends.remote, ends.local] : [ends.local, ends.remote]
      const because = local.because ?? remote.because
      variants.push({
        match: {
          ...(typeof ends.protocol === 'number' && { protocols: [{ first: ends.protocol, last: ends.protocol }] }),
          ...(from !== undefined && { source: from }),
          ...(to !== undefined && { destination: to }),
          ...(source.ports !== undefined && { sourcePorts: source.ports }),
          ...(destination.ports !== undefined && { destinationPorts: destination.ports }),
          ...(ends.icmp !== undefined && { icmp: ends.icmp }),
        },
        ...(because !== undefined && { because }),
      })
    }
  }
  return variants
}

function placeOf(entry: Entry, direction: Direction): Pick<Match, 'in' | 'out'> {
  const names = (entry.fields.get('interfacealias') ?? [])
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
  if (names.length === 0 || names.some((name) => name === '' || /^(any|\*)$/i.test(name) || isLost(name))) return {}
  return direction === 'inbound' ? { in: { names } } : { out: { names } }
}
