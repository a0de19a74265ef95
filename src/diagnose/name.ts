import type { NameLookup } from '../model/observation.ts'
import { isAnswered } from './lookups.ts'
import { canonicalName, isWithin, parentOf } from './names.ts'
import { hasAddresses, isBlank, isDenied, outside, resolverOf } from './resolverAnswers.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { splitBrain } from './splitBrain.ts'
import { duration, listed } from './wording.ts'

/** Causes that lie in name resolution, and in a DNS service that is the flow itself. */
export const nameRules: readonly Rule[] = [
  { cause: 'split-brain-override', match: splitBrain },
  { cause: 'resolver-filters', match: resolverFilters },
  { cause: 'name-missing', match: nameMissing },
  { cause: 'name-missing', match: (seen) => zoneDenied(seen, 'name-error') },
  { cause: 'resolver-filters', match: (seen) => zoneDenied(seen, 'refused-by-policy') },
  { cause: 'undetermined', match: (seen) => zoneDenied(seen, 'server-failure') },
  {
    cause: 'dns-tampered',
    match: (seen) => {
      const { stop, flow } = seen
      if (stop?.phase !== 'name' && stop?.phase !== 'dns') return undefined
      const odd = stop.failed.filter(({ outcome }) => outcome === 'mismatch')
      if (odd.length === 0) return undefined
      const right = outside(seen).filter(hasAddresses)
      const by = odd.find(({ answeredBy }) => answeredBy !== undefined)?.answeredBy
      return {
        confidence: by !== undefined && right.length > 0 ? 'likely' : 'possible',
        says: `the answer for ${nameAsked(seen)} did not belong to the question${by === undefined ? '' : `: it came from ${by}, which was not asked`}`,
        fix: 'take the DNS redirection off the path to the resolver',
        alternatives: ['resolver-unreachable'],
        nextProbe: `capture port 53 on ${flow.from} and compare the addresses that answer`,
        decidedBy: idsOf(odd, right),
      }
    },
  },
  { cause: 'dns-tcp-blocked', match: dnsTcpBlocked },
  { cause: 'resolver-unreachable', match: resolverUnreachable },
  {
    cause: 'srv-incomplete',
    match: ({ dns, context }) => {
      const services = dns.worked.filter(({ type }) => type === 'SRV')
      const missing = services.filter(({ outcome }) => outcome === 'name-error' || outcome === 'no-data')
      const present = services.filter(({ outcome }) => outcome === 'answer')
      const zone = dns.worked.find(({ type, outcome }) => type === 'SOA' && outcome === 'answer')
      if (missing.length === 0 || zone === undefined) return undefined
      // A zone without any service record may be no AD domain at all, unless the site says that it is.
      const isDomain = context.domain !== undefined && canonicalName(context.domain) === canonicalName(zone.name)
      if (present.length === 0 && !isDomain) return undefined
      const spoken = missing.every(({ authoritative }) => authoritative === true)
      return {
        confidence: spoken ? 'certain' : 'likely',
        says: `${zone.name} is served, and ${listed(missing.map(({ name }) => name))} ${missing.length > 1 ? 'are' : 'is'} not in it`,
        fix: 'on each domain controller: nltest /dsregdns; let the zone take secure dynamic updates',
        alternatives: [],
        nextProbe: 'dcdiag /test:dns, and the same question to every DNS server of the domain',
        decidedBy: idsOf([zone], missing, present),
      }
    },
  },
]

/** Judged last: the flow works, and most of its time goes by before the first packet is sent to it. */
export const slowNameRules: readonly Rule[] = [
  {
    cause: 'resolver-slow',
    match: (seen) => {
      const { stop, lookups, connects, handshakes, exchanges } = seen
      if (stop !== undefined) return undefined
      const waited = [...lookups.worked, ...lookups.failed].filter(({ transport }) => transport !== 'tcp')
      const slowest = waited.reduce<NameLookup | undefined>(
        (a, b) => (a !== undefined && a.ms >= b.ms ? a : b),
        undefined,
      )
      const connect = connects.worked[0]
      if (slowest === undefined || slowest.ms < slowMs || connect === undefined) return undefined
      const restMs = connect.ms + (handshakes.worked[0]?.ms ?? 0) + (exchanges.worked[0]?.firstByteMs ?? 0)
      if (slowest.ms <= 3 * restMs) return undefined
      const others = [...outside(seen), ...seen.otherLookups.filter(({ resolver }) => resolver === slowest.resolver)]
      if (others.some(({ ms, resolver }) => resolver === slowest.resolver && ms < slowMs)) return undefined
      const sure = others.some(({ outcome, ms }) => outcome === 'answer' && (ms < slowMs / 3 || ms >= slowMs))
      const silent = slowest.outcome === 'timeout' ? ' and did not answer' : ''
      return {
        confidence: sure || waited.filter(({ ms }) => ms >= slowMs).length > 1 ? 'certain' : 'likely',
        says: `the name took ${duration(slowest.ms)} at ${resolverOf(slowest)}${silent}; connection, TLS and first byte together took ${duration(restMs)}`,
        fix: 'take dead forwarders out of the resolver, or name a nearer one first',
        alternatives: [],
        nextProbe: 'ask the resolver for the same name twice: a quick second answer means that its forwarder is slow',
        decidedBy: idsOf([slowest], connects.worked, handshakes.worked, exchanges.worked),
      }
    },
  },
]

/** A look-up that takes longer holds up every connection: resolvers answer in tens of milliseconds. */
const slowMs = 1000

function nameAsked({ flow, stop }: Seen): string {
  const asked = stop?.phase === 'name' || stop?.phase === 'dns' ? stop.failed[0]?.name : undefined
  return flow.target.name ?? (asked === undefined || asked === '' ? 'the name' : asked)
}

function resolverFilters(seen: Seen): Match | undefined {
  const { lookups, stop, flow } = seen
  const own = [...lookups.worked, ...lookups.failed]
  const blank = own.filter(isBlank)
  const denying = own.filter((one) => isDenied(one) || one.outcome === 'refused-by-policy')
  const failing = own.filter(({ outcome }) => outcome === 'server-failure')
  const controls = outside(seen).filter((one) => hasAddresses(one) && !isBlank(one))
  const others = seen.otherLookups.filter(
    (one) => one.outcome === 'answer' && own.some(({ resolver }) => resolver === one.resolver),
  )
  const also = others.length > 0 ? `, and it answers for ${listed(others.map(({ name }) => name))}` : ''
  const fix = `allow ${flow.target.name} in the filter of ${listed(own.map(resolverOf))}`
  const nextProbe = "read the resolver's log for this name"
  const isPublicName = flow.direction === 'outbound-internet'

  const [blanked] = blank
  if (blanked !== undefined && (controls.length > 0 || isPublicName)) {
    return {
      confidence: controls.length > 0 ? 'likely' : 'possible',
      says: `${resolverOf(blanked)} answers ${listed(blank.flatMap(({ answers }) => answers))} for ${flow.target.name}, which is what DNS filters say${controls.length > 0 ? `; ${listed(controls.map(resolverOf))} gives an address` : ''}`,
      fix,
      alternatives: controls.length > 0 ? [] : ['name-missing'],
      nextProbe,
      decidedBy: idsOf(blank, controls, others),
    }
  }
  if (stop?.phase !== 'name' || controls.length === 0) return undefined
  const first = denying[0] ?? failing[0]
  if (first === undefined || denying.length + failing.length < own.length) return undefined
  // The zone's own server knows better than a resolver outside, unless the name is Microsoft's.
  if (denying.some(({ authoritative }) => authoritative === true) && !isPublicName) return undefined
  const sure = denying.length === own.length
  return {
    confidence: sure ? 'likely' : 'possible',
    says: `${resolverOf(first)} ${denialOf(first)} for ${flow.target.name}, ${listed(controls.map(resolverOf))} gives ${listed(controls.flatMap(({ answers }) => answers))}${also}`,
    fix,
    alternatives: sure ? ['split-brain-override'] : ['resolver-unreachable', 'split-brain-override'],
    nextProbe,
    decidedBy: idsOf(own, controls, others),
  }
}

function denialOf({ outcome }: NameLookup): string {
  switch (outcome) {
    case 'name-error':
      return 'says NXDOMAIN'
    case 'no-data':
      return 'says that there is no address'
    case 'refused-by-policy':
      return 'says REFUSED'
    case 'server-failure':
      return 'says SERVFAIL'
    default:
      return 'gives no answer'
  }
}

function nameMissing(seen: Seen): Match | undefined {
  const { stop, flow, otherLookups } = seen
  if (stop?.phase !== 'name') return undefined
  const denying = stop.failed.filter(isDenied)
  const first = denying.find(({ outcome }) => outcome === 'name-error') ?? denying[0]
  if (first === undefined || denying.length < stop.failed.length) return undefined
  const name = flow.target.name ?? first.name
  const what = denying.some(({ outcome }) => outcome === 'name-error') ? 'does not exist' : 'has no address'
  const fix = `create the address record of ${name} in its zone, or correct the name`
  const nextProbe = `ask a name server of the zone: postern check dns://SERVER/${parentOf(name)}`
  const authority = denying.filter(({ authoritative }) => authoritative === true)
  if (authority.length > 0) {
    const given = outside(seen).filter(hasAddresses)
    const also = given.length > 0 ? `; resolvers outside give ${listed(given.flatMap(({ answers }) => answers))}` : ''
    return {
      confidence: 'certain',
      says: `${name} ${what}: ${resolverOf(first)}, which serves the zone, says so${also}`,
      fix,
      alternatives: [],
      decidedBy: idsOf(authority, given),
    }
  }
  const agreeing = outside(seen).filter(isDenied)
  if (agreeing.length > 0) {
    return {
      confidence: 'certain',
      says: `${name} ${what}: ${resolverOf(first)} and ${listed(agreeing.map(resolverOf))} say the same`,
      fix,
      alternatives: [],
      decidedBy: idsOf(denying, agreeing),
    }
  }
  const siblings = otherLookups.filter((one) => one.outcome === 'answer' && isWithin(one.name, parentOf(name)))
  if (siblings.length > 0) {
    return {
      confidence: 'likely',
      says: `${name} ${what} for ${resolverOf(first)}, which answers for ${listed(siblings.map((one) => one.name))} of the same zone`,
      fix,
      alternatives: ['resolver-filters'],
      nextProbe,
      decidedBy: idsOf(denying, siblings),
    }
  }
  return {
    confidence: 'possible',
    says: `${resolverOf(first)} says that ${name} ${what}; no second resolver was asked`,
    fix,
    alternatives: ['resolver-filters'],
    nextProbe,
    decidedBy: idsOf(denying),
  }
}

/** Questions about a zone that were put to the DNS service of the flow; the root is every server's to refuse. */
function zonesAsked({ dns }: Seen): readonly NameLookup[] {
  return dns.worked.filter(({ type, name }) => type === 'SOA' && name !== '' && name !== '.')
}

/** The DNS service itself answers, and has no such zone, or none for this machine. */
function zoneDenied(seen: Seen, outcome: 'name-error' | 'refused-by-policy' | 'server-failure'): Match | undefined {
  const asked = zonesAsked(seen)
  const denying = asked.filter((one) => one.outcome === outcome)
  const [first] = denying
  if (first === undefined || denying.length < asked.length) return undefined
  const others = [...seen.otherLookups, ...seen.controlLookups].filter(
    (one) =>
      one.outcome === 'answer' && one.resolver !== first.resolver && isWithin(one.name, canonicalName(first.name)),
  )
  const elsewhere = others.length > 0 ? `; ${listed(others.map(resolverOf))} serves the zone` : ''
  const spoken = first.authoritative === true
  const common = {
    says: `${resolverOf(first)} answers, and ${denialOf(first)} for ${first.name}${elsewhere}`,
    nextProbe: `ask a domain controller of ${first.name} for the same zone`,
    decidedBy: idsOf(denying, others),
  }
  switch (outcome) {
    case 'name-error':
      return {
        ...common,
        confidence: spoken ? 'certain' : 'possible',
        fix: `serve or forward the zone ${first.name} on ${seen.flow.to}`,
        alternatives: spoken ? [] : ['resolver-filters'],
      }
    case 'refused-by-policy':
      return {
        ...common,
        confidence: others.length > 0 ? 'likely' : 'possible',
        fix: `let ${seen.flow.to} answer ${seen.from} for ${first.name}`,
        alternatives: ['name-missing'],
      }
    case 'server-failure':
      return { ...common, confidence: 'undetermined', alternatives: ['name-missing', 'resolver-unreachable'] }
    default:
      return outcome satisfies never
  }
}

/** UDP answers and TCP does not, where TCP is the flow or the answer was too long for UDP. */
function dnsTcpBlocked(seen: Seen): Match | undefined {
  const { stop, lookups, dns, dnsOtherwise, flow, connects } = seen
  const overTcp = (one: NameLookup): boolean => one.transport === 'tcp'
  const cut = [...lookups.worked, ...lookups.failed, ...dns.worked].filter(({ truncated }) => truncated === true)
  const tcpTried = [...lookups.failed, ...lookups.worked, ...dnsOtherwise].filter(overTcp)
  if (cut.length > 0 && tcpTried.length > 0 && tcpTried.every((one) => !isAnswered(one) && one.outcome !== 'aborted')) {
    return tcpSilent(cut, tcpTried, 'the answer was too long for UDP')
  }
  const failed =
    stop?.phase === 'dns' && flow.target.transport === 'tcp'
      ? stop.failed
      : stop?.phase === 'connect' && flow.target.service === 'dns'
        ? connects.failed
        : []
  const udp = dnsOtherwise.filter((one) => one.transport === 'udp' && isAnswered(one))
  if (failed.length === 0 || udp.length === 0) return undefined
  return tcpSilent(udp, failed, 'RFC 7766 wants both')
}

function tcpSilent(
  udp: readonly NameLookup[],
  tcp: readonly { readonly id: string; readonly outcome: string }[],
  why: string,
): Match {
  const refused = tcp.every(({ outcome }) => outcome === 'refused')
  const [first] = udp
  return {
    confidence: 'likely',
    says: `${first === undefined ? 'the resolver' : resolverOf(first)} answers over UDP and ${refused ? 'refuses' : 'is silent over'} TCP; ${why}`,
    fix: `allow tcp to ${first?.resolver ?? 'port 53 of the resolver'}; if it does not listen there, let it`,
    alternatives: refused ? ['refused'] : [],
    nextProbe: 'ask the server itself whether it listens on TCP',
    decidedBy: idsOf(udp, tcp),
  }
}

function resolverUnreachable(seen: Seen): Match | undefined {
  const { stop, controlLookups, dnsOtherwise, otherLookups } = seen
  if (stop?.phase !== 'name' && stop?.phase !== 'dns') return undefined
  const silent = stop.failed.filter(
    ({ outcome }) => outcome === 'timeout' || outcome === 'refused' || outcome === 'unreachable',
  )
  const [first] = silent
  if (first === undefined || silent.length < stop.failed.length) return undefined
  const again = [
    ...controlLookups.filter(({ varies, resolver }) => varies === 'transport' && resolver === first.resolver),
    ...dnsOtherwise,
  ]
  if (again.some(isAnswered)) return undefined
  const others = [...controlLookups, ...otherLookups].filter(
    (one) => one.resolver !== first.resolver && one.resolver !== 'system' && isAnswered(one),
  )
  if (others.length === 0) return undefined
  const refused = [...silent, ...again].every(({ outcome }) => outcome === 'refused')
  // A service that refuses is a closed port like any other; it is judged as one.
  if (stop.phase === 'dns' && refused) return undefined
  const both = new Set([...silent, ...again].map(({ transport }) => transport)).size > 1
  return {
    confidence: refused ? 'certain' : both ? 'likely' : 'possible',
    says: `${resolverOf(first)} ${refused ? 'refuses' : 'does not answer'}${both ? ' over UDP and TCP' : ''}; ${listed(others.map(resolverOf))} answers from the same machine`,
    fix: `start the DNS service, or allow udp and tcp ${seen.from} -> ${first.resolver}`,
    alternatives: both || refused ? [] : ['udp-only-filtered'],
    nextProbe: `postern check dns://${first.resolver}`,
    decidedBy: idsOf(silent, again, others),
  }
}
