import { addressesOf } from '../../addresses.ts'
import type { Reader } from '../../reader.ts'
import type { Match, Route, Rule, RuleSet, Stage } from '../../ruleset.ts'
import { doubtsOf } from '../../text/doubtsOf.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { pastTunnel, routesPast, tunnelPlace, tunnelPlaces } from '../tunnelRoutes.ts'
import { profilesOfJson } from './intuneJson.ts'
import { profilesOfXml } from './profileXml.ts'
import type { TrafficRule, VpnProfile } from './vpnProfile.ts'

/**
 * Reads VPN profiles of Windows: ProfileXML of the VPNv2 CSP, or profiles of Intune from Microsoft Graph; each profile
 * is a rule set of its own. Once a profile has traffic rules, only what fits one of them is let through the tunnel, in
 * each direction; what its routes leave alone goes past it.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const ruleSets: RuleSet[] = []
  for (const file of files) {
    const isJson = /^\uFEFF?\s*[{[]/.test(file.text)
    const { profiles, unread, understood } = isJson ? profilesOfJson(file) : profilesOfXml(file)
    statements.understood(understood)
    for (const { span, why } of unread) statements.unread(span, why)
    for (const profile of profiles) {
      // A rule that is not understood stands in its chain.
      const rules = new Set(profile.rules.map(({ span }) => span.path))
      ruleSets.push(ruleSetOf(profile, doubtsOf(unread.filter(({ span }) => !rules.has(span.path)))))
    }
  }
  return { ruleSets, coverage: statements.coverage() }
}

function ruleSetOf(profile: VpnProfile, doubts: readonly Unknown[]): RuleSet {
  const { name, span, routing } = profile
  const tunnel = tunnelPlace(name)
  const whole = ([4, 6] as const).map((family): Route => {
    const to = { family, first: 0n, last: (1n << (family === 4 ? 32n : 128n)) - 1n }
    return { to, out: tunnel, kind: 'unicast', span }
  })
  const routes = profile.routes.map(({ to, isExcluded, metric, span: at }): Route => {
    return {
      to,
      out: isExcluded ? pastTunnel : tunnel,
      kind: 'unicast',
      span: at,
      ...(metric !== undefined && { metric }),
    }
  })
  const own: Unknown[] = []
  if (profile.plugin) own.push({ kind: 'dynamic-set', what: 'the routes that the app of the VPN and its server set' })
  if (routing === undefined && !profile.plugin) {
    own.push({ kind: 'other', what: 'whether the profile splits the tunnel: it has no RoutingPolicyType' })
  }
  return {
    vendor: 'vpnv2',
    name,
    stages: [
      stage('what the profile sends', 'output', 'outbound'),
      stage('what the profile takes', 'input', 'inbound'),
    ],
    chains: { outbound: outboundRules(profile, tunnel), inbound: filterRules(profile, tunnel, 'inbound') },
    places: tunnelPlaces(new Map([[tunnel, []]])),
    routes: [...(routing === 'force' || profile.lockDown ? whole : []), ...routes, ...routesPast(span)],
    doubts: [...own, ...doubts],
  }
}

function stage(name: string, hook: Stage['hook'], chain: string): Stage {
  const otherwise = { action: 'allow' as const, name: 'the profile lets it go' }
  return { name, hook, kind: 'filter', chain, otherwise, stateful: true, addresses: 'current' }
}

function outboundRules(profile: VpnProfile, tunnel: string): readonly Rule[] {
  const { span } = profile
  const past = { out: { names: [pastTunnel] } }
  const rules: Rule[] = []
  const may = (name: string, at: Rule['span'], match: Match, because: Unknown): void => {
    rules.push({ name, span: at, match, action: { kind: 'unknown' }, unknowns: [because] })
  }
  for (const { names, proxy, span: at } of profile.proxied) {
    const what = `whether the program asks the proxy ${proxy}, which the profile has for the name`
    may(`web proxy ${proxy}`, at, { requestedNames: names }, { kind: 'process', what })
  }
  if (profile.lockDown) {
    rules.push({ name: 'LockDown', span, match: past, action: { kind: 'drop' }, unknowns: [] })
  }
  for (const rule of profile.rules) {
    if (!rule.forces || rule.direction !== 'outbound') continue
    const what = `the program being ${rule.app ?? rule.claims ?? 'one'}, all of which goes into the tunnel`
    may(`${rule.name}, ForceTunnel`, rule.span, past, { kind: 'process', what })
  }
  if (profile.routing === 'split' && profile.hasClassRoute) {
    const what =
      'what address the client is given, whose class has a route into the tunnel (DisableClassBasedDefaultRoute is not true)'
    may('class-based route', span, { family: 4, ...past }, { kind: 'place', what })
  }
  if (profile.routing === 'force' || profile.lockDown) {
    const what = 'whether the client is given an IPv6 address in the tunnel'
    may('IPv6 in the tunnel', span, { family: 6, out: { names: [tunnel] } }, { kind: 'place', what })
  }
  return [...rules, ...filterRules(profile, tunnel, 'outbound')]
}

/** Rules of one direction are joined by *or*; what fits none is not let through once there are rules at all. */
function filterRules(profile: VpnProfile, tunnel: string, direction: TrafficRule['direction']): readonly Rule[] {
  const place: Match = direction === 'outbound' ? { out: { names: [tunnel] } } : { in: { names: [tunnel] } }
  const only: readonly Unknown[] =
    profile.onlyApps.length === 0
      ? []
      : [{ kind: 'process', what: `the program being one of ${profile.onlyApps.slice(0, 5).join(', ')}` }]
  if (profile.rules.length === 0 && only.length === 0) return []
  const allowed = profile.rules.filter((rule) => rule.direction === direction)
  const rules = allowed.map(
    (rule): Rule => ({
      name: rule.name,
      span: rule.span,
      match: { ...matchOf(rule), ...place },
      action: { kind: 'allow' },
      unknowns: [...only, ...conditionsOf(rule)],
    }),
  )
  if (profile.rules.length === 0) {
    rules.push({ name: 'associated apps', span: profile.span, match: place, action: { kind: 'allow' }, unknowns: only })
  }
  return [
    ...rules,
    {
      name: 'no traffic rule of the profile fits',
      span: profile.span,
      match: place,
      action: { kind: 'drop' },
      unknowns: [],
      implied: true,
    },
  ]
}

function matchOf(rule: TrafficRule): Match {
  const isOut = rule.direction === 'outbound'
  const local = rule.localAddresses === undefined ? undefined : addressesOf(rule.localAddresses)
  const remote = rule.remoteAddresses === undefined ? undefined : addressesOf(rule.remoteAddresses)
  const [source, destination] = isOut ? [local, remote] : [remote, local]
  const [sourcePorts, destinationPorts] = isOut
    ? [rule.localPorts, rule.remotePorts]
    : [rule.remotePorts, rule.localPorts]
  return {
    ...(rule.protocol !== undefined && { protocols: [{ first: rule.protocol, last: rule.protocol }] }),
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
    ...(sourcePorts !== undefined && { sourcePorts }),
    ...(destinationPorts !== undefined && { destinationPorts }),
  }
}

function conditionsOf(rule: TrafficRule): readonly Unknown[] {
  const unknowns: Unknown[] = rule.faults.map((what) => ({ kind: 'unread', what }))
  if (rule.app !== undefined) unknowns.push({ kind: 'process', what: `the program being ${rule.app}` })
  if (rule.claims !== undefined) unknowns.push({ kind: 'user', what: `the user or group ${rule.claims.slice(0, 80)}` })
  // Ports are only asked for with TCP or UDP (VPNv2 CSP): without a protocol nobody says what they do.
  const hasPorts = rule.localPorts !== undefined || rule.remotePorts !== undefined
  if (hasPorts && rule.protocol !== 6 && rule.protocol !== 17) {
    unknowns.push({ kind: 'other', what: 'whether ports count in a rule that is not for TCP or UDP alone' })
  }
  return unknowns
}
