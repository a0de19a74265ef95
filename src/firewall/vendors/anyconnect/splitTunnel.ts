import type { Addresses, AddressRange } from '../../addresses.ts'
import { unionOf } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { Route, Rule, RuleSet } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import type { Unknown } from '../../unknown.ts'
import { pastTunnel, routesPast, tunnelPlace, tunnelPlaces } from '../tunnelRoutes.ts'
import { addressesAt } from './asaAddresses.ts'
import type { AclEntry, AsaLines, PolicySetting } from './asaLines.ts'

/** What a policy that names nothing takes its settings from. */
const inheritedFrom = 'DfltGrpPolicy'

/**
 * What a client of one group policy sends into its tunnel. Of access lists only addresses count: of an extended entry
 * its source, which is the far network. Dynamic split tunnelling goes by names, and is a rule that may match.
 */
export function ruleSetOfPolicy(name: string, lines: AsaLines, unread: (span: Span, why: string) => void): RuleSet {
  const policy = lines.policies.get(name)
  const settings = policy?.settings ?? new Map<string, PolicySetting>()
  const inherited = lines.policies.get(inheritedFrom)?.settings
  const setting = (key: string): PolicySetting | undefined => settings.get(key) ?? inherited?.get(key)
  const span = policy?.span ?? { file: name, line: 1, text: '' }
  const tunnel = tunnelPlace(name)
  const doubts: Unknown[] = []
  const list = listOf(setting('split-tunnel-network-list'), lines, doubts, unread)
  const routes: Route[] = []
  for (const family of [4, 6] as const) {
    const said = setting(family === 4 ? 'split-tunnel-policy' : 'ipv6-split-tunnel-policy')
    const word = said?.words[0] ?? 'tunnelall'
    const whole: AddressRange = { family, first: 0n, last: (1n << (family === 4 ? 32n : 128n)) - 1n }
    const from = said?.span ?? span
    const isSplit = word === 'tunnelspecified' || word === 'excludespecified'
    if (!isSplit && word !== 'tunnelall') unread(from, `the policy "${word.slice(0, 40)}" is not known`)
    if (!isSplit) routes.push({ to: whole, out: tunnel, kind: 'unicast', span: from })
    else {
      if (word === 'excludespecified') routes.push({ to: whole, out: tunnel, kind: 'unicast', span: from })
      const out = word === 'tunnelspecified' ? tunnel : pastTunnel
      for (const { to, at } of list.ranges)
        if (to.family === family) routes.push({ to, out, kind: 'unicast', span: at })
      for (const because of list.unknowns) doubts.push(because)
      if (word === 'excludespecified' && list.ranges.some(({ to }) => to.first === 0n && to.last === 0n)) {
        doubts.push({
          kind: 'place',
          what: 'which networks are local to the client, which 0.0.0.0/32 excludes where its profile allows',
        })
      }
    }
  }
  const rules = rulesOf(tunnel, span, setting, lines, doubts)
  return {
    vendor: 'anyconnect',
    name,
    stages: [
      {
        name: `what the client of ${name} sends`,
        hook: 'output',
        kind: 'filter',
        chain: 'client',
        otherwise: { action: 'allow', name: 'the client lets it go' },
        stateful: true,
        addresses: 'current',
      },
    ],
    chains: { client: rules },
    places: tunnelPlaces(new Map([[tunnel, []]])),
    routes: [...routes, ...routesPast(span)],
    // Both families ask the same list.
    doubts: fewDoubts(doubts),
  }
}

interface SplitList {
  readonly ranges: readonly { readonly to: AddressRange; readonly at: Span }[]
  readonly unknowns: readonly Unknown[]
}

function listOf(
  setting: PolicySetting | undefined,
  lines: AsaLines,
  doubts: Unknown[],
  unread: (span: Span, why: string) => void,
): SplitList {
  const [word = 'none', name = ''] = setting?.words ?? []
  if (setting === undefined || word === 'none') return { ranges: [], unknowns: [] }
  const entries = lines.lists.get(word === 'value' ? name : word)
  if (entries === undefined) {
    doubts.push({ kind: 'reference', what: `the access list ${name || word}, which is not in the files` })
    return { ranges: [], unknowns: [] }
  }
  const ranges: { to: AddressRange; at: Span }[] = []
  const unknowns: Unknown[] = []
  for (const entry of entries) {
    const set = setOfEntry(entry, lines)
    if (set === 'off') continue
    if (typeof set === 'string') {
      unread(entry.span, set)
      unknowns.push({ kind: 'unread', what: `the entry in line ${entry.span.line} of the access list ${name || word}` })
      continue
    }
    for (const to of set.sure) ranges.push({ to, at: entry.span })
    for (const { because } of set.possible) unknowns.push(because)
  }
  return { ranges, unknowns }
}

/** The addresses of an entry, `off` for one that is inactive, or why it is not understood. */
function setOfEntry({ words }: AclEntry, lines: AsaLines): Addresses | string {
  const [kind = '', action = '', ...rest] = words
  if (rest.includes('inactive')) return 'off'
  if (kind !== 'standard' && kind !== 'extended')
    return `"${kind.slice(0, 40)}" is no kind of access list that splits tunnels`
  if (action === 'deny') return 'what an entry that denies does to split tunnelling is not followed'
  if (action !== 'permit') return `"${action.slice(0, 40)}" is neither permit nor deny`
  if (rest.includes('time-range')) return 'an entry with a time range is not followed'
  const protocol = kind === 'standard' ? 0 : /^object(-group)?$/.test(rest[0] ?? '') ? 2 : 1
  const found = addressesAt(rest.slice(protocol), lines)
  return found === undefined
    ? `"${rest
        .slice(protocol, protocol + 2)
        .join(' ')
        .slice(0, 60)}" is no address`
    : unionOf([found.set])
}

function rulesOf(
  tunnel: string,
  span: Span,
  setting: (key: string) => PolicySetting | undefined,
  lines: AsaLines,
  doubts: Unknown[],
): readonly Rule[] {
  const rules: Rule[] = []
  const may = (name: string, at: Span, match: Rule['match'], because: Unknown): void => {
    rules.push({ name, span: at, match, action: { kind: 'unknown' }, unknowns: [because] })
  }
  for (const [type, way] of [
    ['dynamic-split-exclude-domains', 'past the tunnel'],
    ['dynamic-split-include-domains', 'into the tunnel'],
  ] as const) {
    const said = setting(`anyconnect-custom ${type}`)
    const name = said?.words[0] === 'value' ? said.words[1] : said?.words[0]
    if (said === undefined || name === undefined || name === 'none') continue
    const domains = lines.custom.get(`${type} ${name}`)
    if (domains === undefined)
      doubts.push({ kind: 'reference', what: `the domains ${name} of ${type}, which are not in the files` })
    else {
      const names = domains.map(patternOf)
      const what = `what the client has resolved of the names that ${type} leads ${way}`
      may(`${type} ${name}`, said.span, { requestedNames: names }, { kind: 'names', what, names })
    }
  }
  for (const key of ['vpn-filter', 'ipv6-vpn-filter']) {
    const said = setting(key)
    if (said === undefined || said.words[0] === 'none') continue
    const family = key === 'vpn-filter' ? 4 : 6
    const what = `the access list ${said.words.at(-1) ?? ''} that ${key} holds against the tunnel`
    may(key, said.span, { family, out: { names: [tunnel] } }, { kind: 'other', what })
  }
  if (!lines.hasIpv6Pool && setting('ipv6-address-pools') === undefined) {
    const bypass = setting('client-bypass-protocol')?.words[0] === 'enable'
    const what = `whether the client is given an IPv6 address: without one IPv6 ${bypass ? 'goes past the tunnel' : 'is dropped'} (client-bypass-protocol)`
    may(
      'client-bypass-protocol',
      setting('client-bypass-protocol')?.span ?? span,
      { family: 6, out: { names: [tunnel] } },
      { kind: 'place', what },
    )
  }
  return rules
}

/** A domain stands for itself and for what is below it. */
function patternOf(text: string): NamePattern {
  return { text, name: text.toLowerCase().replace(/^\*\./, '').replace(/\.$/, ''), covers: 'at-or-below' }
}
