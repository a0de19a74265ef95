import type { NameLookup, TcpConnect } from '../model/observation.ts'
import { answeredOnTheWay } from './answeredOnTheWay.ts'
import { forwardingFails } from './forwarding.ts'
import { zoneOfAnotherDomain } from './identityDomain.ts'
import { isAnswered } from './lookups.ts'
import { canonicalName, isOwnName, isWithin, parentOf, sameName } from './names.ts'
import { hasAddresses, isBlank, isDenied, isTakenAndEnded, outside, resolverOf, wordOf } from './resolverAnswers.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import { danglingServices, missingServices, missingSite } from './serviceRecords.ts'
import { isBlockPage, splitBrain, wrongNameAtBlockPage } from './splitBrain.ts'
import { duration, listed } from './wording.ts'

/** Causes that lie in name resolution, and in a DNS service that is the flow itself. */
export const nameRules: readonly Rule[] = [
  ...needing('name-lookup', [
    { cause: 'dns-tampered', match: answeredOnTheWay },
    { cause: 'split-brain-override', match: splitBrain },
    { cause: 'forwarding-fails', match: forwardingFails },
    { cause: 'resolver-filters', match: resolverFilters },
    { cause: 'name-missing', match: nameMissing },
    { cause: 'wrong-domain', match: zoneOfAnotherDomain },
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
  ]),
  // A DNS service that takes no connection was asked nothing.
  { cause: 'dns-tcp-blocked', match: dnsTcpBlocked },
  ...needing('name-lookup', [
    { cause: 'resolver-unreachable', match: resolverUnreachable },
    { cause: 'srv-incomplete', match: missingServices },
    { cause: 'srv-incomplete', match: danglingServices },
    { cause: 'srv-incomplete', match: missingSite },
  ]),
]

function nameAsked({ flow, stop }: Seen): string {
  const asked = stop?.phase === 'name' || stop?.phase === 'dns' ? stop.failed[0]?.name : undefined
  return flow.target.name ?? (asked === undefined || asked === '' ? 'the name' : asked)
}

function resolverFilters(seen: Seen): Match | undefined {
  const { lookups, stop, flow } = seen
  const own = [...lookups.worked, ...lookups.failed]
  const blank = own.filter(isBlank)
  // Aliases that lead in a circle are nobody's filter: the records themselves are wrong.
  const denying = own.filter((one) => (isDenied(one) && !leadsInCircle(one)) || one.outcome === 'refused-by-policy')
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
  const led = blockPageInstead(seen, controls)
  if (led !== undefined) return { ...led, fix, nextProbe }
  if (stop?.phase !== 'name' || controls.length === 0) return undefined
  const first = denying[0] ?? failing[0]
  if (first === undefined || denying.length + failing.length < own.length) return undefined
  // The zone's own server knows better than a resolver outside, unless the name is Microsoft's.
  if (denying.some(({ authoritative }) => authoritative === true) && !isPublicName) return undefined
  const sure = denying.length === own.length
  // A resolver that fails at everything is broken; that it fails at this name only is what some filters look like.
  if (!sure && others.length === 0) return undefined
  const doubt = sure ? '' : '; SERVFAIL may just as well be a dead forwarder, a broken zone or DNSSEC'
  return {
    confidence: sure ? 'likely' : 'possible',
    says: `${resolverOf(first)} ${wordOf(first)} for ${flow.target.name}, ${listed(controls.map(resolverOf))} gives ${listed(controls.flatMap(({ answers }) => answers))}${also}${doubt}`,
    fix: sure ? fix : `read the log of ${resolverOf(first)} for ${flow.target.name}; if it filters the name, ${fix}`,
    alternatives: sure ? ['split-brain-override'] : ['forwarding-fails', 'split-brain-override'],
    nextProbe,
    decidedBy: idsOf(own, controls, others),
  }
}

/** The name leads, here alone, to a server that says that it blocks: a filter that gives its own address. */
function blockPageInstead(seen: Seen, controls: readonly NameLookup[]): Match | undefined {
  const { lookups, exchanges, shaken, otherAddresses, flow } = seen
  const page = exchanges.worked.find(isBlockPage)
  if (page === undefined || shaken === undefined || !wrongNameAtBlockPage(seen)) return undefined
  const used = lookups.worked.filter(({ answers }) => answers.includes(shaken.address))
  const given = controls.filter(({ answers }) => !answers.some((one) => used.some((own) => own.answers.includes(one))))
  const [first] = used
  if (first === undefined || given.length === 0) return undefined
  const right = otherAddresses.filter(
    ({ address, nameMatches }) => nameMatches === true && given.some(({ answers }) => answers.includes(address)),
  )
  const there = right.length > 0 ? `, where ${flow.target.name} answers` : ''
  return {
    confidence: right.length > 0 ? 'likely' : 'possible',
    says: `${resolverOf(first)} gives ${listed(first.answers)} for ${flow.target.name}, where the page "${page.body.title}" answers; ${listed(given.map(resolverOf))} gives ${listed(given.flatMap(({ answers }) => answers))}${there}`,
    alternatives: ['split-brain-override'],
    decidedBy: idsOf(used, given, [shaken, page], right),
  }
}

function nameMissing(seen: Seen): Match | undefined {
  const { stop, flow, context, otherLookups } = seen
  if (stop?.phase !== 'name') return undefined
  const denying = stop.failed.filter((one) => isDenied(one) && one.truncated !== true)
  const first = denying.find(({ outcome }) => outcome === 'name-error') ?? denying[0]
  if (first === undefined) return undefined
  // A resolver that gave nothing is passed over for the next one; one that denies the whole name has said it of each type.
  const dumb = stop.failed.filter((one) => !denying.includes(one))
  const passedOver = dumb.every(
    (one) => isPassedOver(one) && (first.outcome === 'name-error' || denying.every((d) => d.resolver !== one.resolver)),
  )
  if (!passedOver) return undefined
  const name = flow.target.name ?? first.name
  const what = describeDenial(name, denying, context.domain)
  const mute = dumb.filter((one) => denying.every(({ resolver }) => resolver !== one.resolver))
  const beside = mute.length > 0 ? `; ${listed(mute.map((one) => `${resolverOf(one)} ${wordOf(one)}`))}` : ''
  const nextProbe = isShort(name)
    ? `ask by the full name: postern check ${flow.target.service}://${fullName(name, context.domain)}`
    : `ask a name server of the zone: postern check dns://SERVER/${parentOf(name)}`
  const match = (
    confidence: Match['confidence'],
    by: string,
    alternatives: Match['alternatives'],
    controls: readonly NameLookup[],
  ): Match => ({
    confidence,
    says: `${what.says}${by}${beside}`,
    fix: what.fix,
    alternatives,
    ...(confidence !== 'certain' && { nextProbe }),
    decidedBy: idsOf(stop.failed, controls),
  })
  if (what.proven) return match('certain', `, as ${resolverOf(first)} gives them`, [], [])
  // Authority is of the name that was asked for: where an alias leads, another server may have the say (RFC 1034 §4.3.2).
  const authority = denying.find(({ authoritative, aliases }) => authoritative === true && aliases.length === 0)
  if (authority !== undefined) {
    const given = outside(seen).filter(hasAddresses)
    const also = given.length > 0 ? `; resolvers outside give ${listed(given.flatMap(({ answers }) => answers))}` : ''
    return match('certain', `: ${resolverOf(authority)}, which serves the zone, says so${also}`, [], given)
  }
  const own = isOwnName(flow, context)
  const seconds = outside(seen).filter(({ resolverRole }) => !own || resolverRole !== 'control')
  const agreeing = seconds.filter((one) => isDenied(one) && one.resolver !== first.resolver)
  if (agreeing.length > 0) {
    const together = `: ${listed([first, ...agreeing].map(resolverOf))} say the same`
    // Resolvers of one site may share one forwarder, and its filter.
    return match(own ? 'likely' : 'certain', together, own ? ['resolver-filters'] : [], agreeing)
  }
  const siblings = otherLookups.filter((one) => one.outcome === 'answer' && isWithin(one.name, parentOf(name)))
  if (siblings.length > 0) {
    const but = ` for ${resolverOf(first)}, which answers for ${listed(siblings.map((one) => one.name))} of the same zone`
    return match('likely', but, ['resolver-filters'], siblings)
  }
  const alone = seconds.length > 0 ? 'no second resolver confirmed it' : 'no second resolver was asked'
  return match('possible', `: ${resolverOf(first)} says so, and ${alone}`, ['resolver-filters'], [])
}

/** What a stub resolver goes on to the next one after (RFC 1035 §7.2). */
function isPassedOver({ outcome }: NameLookup): boolean {
  return outcome === 'timeout' || outcome === 'refused' || outcome === 'unreachable' || outcome === 'server-failure'
}

interface Denial {
  readonly says: string
  readonly fix: string
  /** The answer itself shows it, and nobody has to confirm it. */
  readonly proven?: true
}

/** How a name has no address: it does not exist, it has none, or its aliases lead nowhere or in a circle. */
function describeDenial(name: string, denying: readonly NameLookup[], domain: string | undefined): Denial {
  const missing = denying.some(({ outcome }) => outcome === 'name-error')
  const what = missing ? 'does not exist' : 'has no address'
  const aliases = denying.find((one) => one.aliases.length > 0)?.aliases ?? []
  const last = aliases.at(-1)
  if (last === undefined && isShort(name)) {
    return {
      says: `${name} ${what}`,
      fix: `write the name in full (${fullName(name, domain)}): a short one is found only where the search list of this machine has its domain`,
    }
  }
  if (last === undefined) {
    return { says: `${name} ${what}`, fix: `create the address record of ${name} in its zone, or correct the name` }
  }
  const way = [name, ...aliases]
  if (isCircle(way)) {
    return {
      says: `${name} has no address, since its aliases lead in a circle (${way.join(' -> ')})`,
      fix: `correct the CNAME record of ${way.at(-2) ?? name}: it leads back to ${last}`,
      proven: true,
    }
  }
  return {
    says: `${name} is an alias of ${last}, which ${what}`,
    fix: `create the address record of ${last} in its zone, or correct the CNAME record that leads there`,
  }
}

function isShort(name: string): boolean {
  return !name.replace(/\.$/, '').includes('.')
}

function fullName(name: string, domain = 'DOMAIN'): string {
  return `${name.replace(/\.$/, '')}.${domain}`
}

/** Whether the last name of an alias chain has been passed before. */
function isCircle(way: readonly string[]): boolean {
  return way.slice(0, -1).some((one) => sameName(one, way.at(-1)))
}

function leadsInCircle({ name, aliases }: NameLookup): boolean {
  return isCircle([name, ...aliases])
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
    says: `${resolverOf(first)} answers, and ${wordOf(first)} for ${first.name}${elsewhere}`,
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
  const unopened = tcpTried.filter(isKeptOut)
  if (cut.length > 0 && unopened.length > 0 && unopened.length === tcpTried.length) {
    return tcpSilent(cut, unopened, 'the answer was too long for UDP')
  }
  const failed =
    stop?.phase === 'dns' && flow.target.transport === 'tcp'
      ? stop.failed
      : stop?.phase === 'connect' && flow.target.service === 'dns'
        ? connects.failed
        : []
  const udp = dnsOtherwise.filter((one) => one.transport === 'udp' && isAnswered(one))
  if (failed.length === 0 || udp.length === 0 || !failed.every(isKeptOut)) return undefined
  return tcpSilent(udp, failed, 'RFC 7766 wants both')
}

/**
 * Silence, refusal and no way there are what a filter of TCP looks like. A server that takes the connection and closes it,
 * resets it or answers something else is reached: what ails it is its own. A limit of this machine is no word about either.
 */
function isKeptOut(one: NameLookup | TcpConnect): boolean {
  switch (one.outcome) {
    case 'timeout':
    case 'refused':
    case 'host-unreachable':
    case 'net-unreachable':
    case 'admin-prohibited':
      return true
    case 'unreachable':
      return one.kind !== 'name-lookup' || !isTakenAndEnded(one)
    default:
      return false
  }
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
    says: `${first === undefined ? 'the resolver' : resolverOf(first)} answers over UDP and ${refused ? 'refuses TCP' : 'gives no answer over TCP'}; ${why}`,
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
  // It answers for other names: this one is dropped, or waited for somewhere behind it.
  if (otherLookups.some((one) => one.resolver === first.resolver && isAnswered(one))) return undefined
  const refused = [...silent, ...again].every(({ outcome }) => outcome === 'refused')
  // A service that refuses is a closed port like any other; it is judged as one.
  if (stop.phase === 'dns' && refused) return undefined
  const both = new Set([...silent, ...again].map(({ transport }) => transport)).size > 1
  return {
    confidence: refused ? 'certain' : both ? 'likely' : 'possible',
    says: `${listed(silent.map(resolverOf))} ${refused ? 'refuses' : `gave no answer within ${duration(Math.max(...silent.map(({ ms }) => ms)))}`}${both ? ' over UDP and TCP' : ''}; ${listed(others.map(resolverOf))} answered this machine`,
    fix: `start the DNS service, or allow udp and tcp ${seen.from} -> ${first.resolver}`,
    alternatives: both || refused ? [] : ['udp-only-filtered'],
    nextProbe: `postern check dns://${first.resolver}`,
    decidedBy: idsOf(silent, again, others),
  }
}
