import type { CauseCode } from '../model/cause.ts'
import type { NameLookup, TlsHandshake } from '../model/observation.ts'
import type { Phase, Stop, Unfinished } from './attempts.ts'
import { isAnswered } from './lookups.ts'
import { isOwnName } from './names.ts'
import { answeredBeside } from './protocol.ts'
import { isTakenAndEnded, resolverOf, wordOf } from './resolverAnswers.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { alertOf, isHelloUnread, spokeTls } from './tlsAnswers.ts'
import { otherDirectory } from './transport.ts'
import { captureAt, checkOf, duration, giveName, hostOf, listed, placeOf, serviceOf, verbOf } from './wording.ts'

/**
 * What is said when nothing accuses: what was seen, which causes it leaves open, and what to run to tell them apart.
 */
export function undetermined(seen: Seen, stop: Stop): Match {
  const { says, alternatives, nextProbe } = openQuestion(seen, stop)
  return { confidence: 'undetermined', says, alternatives, nextProbe, decidedBy: idsOf(stop.failed) }
}

/** What is said when the time of the question was over, or the probe failed, before anything had gone wrong. */
export function unfinished({ flow, furthest }: Seen, { by, says, decidedBy }: Unfinished): Match {
  const place = placeOf(flow)
  const far = furthest === 'nothing' ? '' : `; until then ${reached[furthest]}`
  switch (by) {
    case 'check':
    case 'question':
      return {
        confidence: 'undetermined',
        says: `${place} was not asked to the end: ${says}${far}, and nothing had failed`,
        alternatives: ['high-latency', 'resolver-slow', 'silent-service'],
        nextProbe: 'run the check for this flow alone with a longer --timeout',
        decidedBy,
      }
    case 'fault':
      return {
        confidence: 'certain',
        says: `${place} was not asked to the end: ${says}${far}`,
        fix: 'report this as a fault of Postern, with the version and this sentence',
        alternatives: [],
        nextProbe: 'run the check for this flow alone',
        decidedBy,
      }
    default:
      return by satisfies never
  }
}

const reached: Readonly<Record<Phase, string>> = {
  name: 'the name was resolved',
  proxy: 'the proxy was reached',
  tunnel: 'the tunnel stood',
  connect: 'the connection stood',
  tls: 'TLS stood',
  service: 'the service had answered',
  http: 'an HTTP answer had come',
  dns: 'a DNS answer had come',
  udp: 'a datagram had been answered',
}

interface OpenQuestion {
  readonly says: string
  readonly alternatives: readonly CauseCode[]
  readonly nextProbe: string
}

function openQuestion(seen: Seen, stop: Stop): OpenQuestion {
  const { flow, address } = seen
  const place = `${placeOf(flow)}${flow.via === undefined ? '' : ` through the proxy ${flow.via}`}`
  const capture = captureAt(address, flow.target)
  switch (stop.phase) {
    case 'name':
      return openName(seen, stop, place)
    case 'proxy':
    case 'tunnel':
      return {
        says: `${placeOf(flow)} was not reached through the proxy ${flow.via} (${listed(stop.failed.map((one) => one.code ?? one.outcome))})`,
        alternatives: ['proxy-dead', 'proxy-name-denied', 'proxy-unreachable-target'],
        nextProbe: "read the proxy's log for this machine",
      }
    case 'connect':
      return openConnect(seen, stop, place, capture)
    case 'tls':
      return openHandshake(seen, stop, place, capture)
    case 'service':
      return openExchange(seen, stop, place, capture)
    case 'http':
      return openRequest(seen, stop, place)
    case 'dns':
      return openService(seen, stop, place)
    case 'udp':
      if (isHostSilent(seen)) return openSilentHost(seen, stop, place)
      if (flow.target.service === 'ntp') return openTime(place, stop, capture)
      if (otherDirectory(seen) !== undefined) return openPing(seen, place)
      return {
        says: `${place} gave no answer to a valid datagram within ${duration(Math.max(...stop.failed.map(({ ms }) => ms)))}; UDP leaves open whether it arrived`,
        alternatives: [
          ...(stop.failed.some((one) => one.refusalUnheard) ? (['refused'] as const) : []),
          ...(['udp-only-filtered', 'no-route', 'silent-service'] as const),
        ],
        nextProbe: `ask the same service over TCP; ${capture}`,
      }
    default:
      return stop satisfies never
  }
}

/** Other ports of the host were tried over TCP, and all of them are silent. */
function isHostSilent({ sameHostOpen, sameHostRefuses, sameHostSilent }: Seen): boolean {
  return sameHostOpen.length + sameHostRefuses.length === 0 && sameHostSilent.length > 0
}

/** Where TCP does not get through to the host either, that is what is to be looked at. */
function openSilentHost(
  { sameHostSilent, address, flow }: Seen,
  { failed }: Extract<Stop, { phase: 'udp' }>,
  place: string,
): OpenQuestion {
  const silent = sameHostSilent.slice(0, 4)
  const waited = duration(Math.max(...failed.map(({ ms }) => ms)))
  return {
    says: `${place} gave no answer to a valid datagram within ${waited}, and over TCP neither did ${listed(silent.map(({ what }) => what))} of the same host`,
    alternatives: ['no-route', 'filtered-silently', 'no-local-network'],
    nextProbe: `traceroute -T -p ${silent[0]?.what ?? 443} ${address ?? hostOf(flow)}: what keeps TCP from this host keeps datagrams from it as well`,
  }
}

/** Only a domain controller answers a ping of Netlogon: that another directory is silent says nothing of the way. */
function openPing(seen: Seen, place: string): OpenQuestion {
  const product = otherDirectory(seen)?.product ?? 'no Active Directory'
  return {
    says: `${place} gives no answer, and LDAP on the same host is ${product}, which has none to give`,
    alternatives: ['not-the-service', 'udp-only-filtered'],
    nextProbe: `ask ${hostOf(seen.flow)} itself whether it is a domain controller`,
  }
}

/** A time server has no half over TCP that could be asked instead. */
function openTime(place: string, { failed }: Extract<Stop, { phase: 'udp' }>, capture: string): OpenQuestion {
  const waited = duration(Math.max(...failed.map(({ ms }) => ms)))
  return {
    says: `${place} gave no answer to ${failed.length > 1 ? `${failed.length} requests` : 'a request'} for the time, each given ${waited}; nothing comparable answered`,
    alternatives: ['filtered-silently', 'no-route', 'silent-service'],
    nextProbe: `check another port of the same host, and another time server; ${capture}`,
  }
}

function openName(
  { flow, context, lookups, controlLookups, otherLookups }: Seen,
  { failed }: Extract<Stop, { phase: 'name' }>,
  place: string,
): OpenQuestion {
  const said = listed(failed.map((one) => `${resolverOf(one)} ${wordOf(one)}`))
  const own = isOwnName(flow, context)
  const heard = controlLookups.filter((one) => isAnswered(one) && !lookups.failed.includes(one))
  const others = otherLookups.filter(isAnswered)
  const failing = failed.some(
    ({ outcome, resolver }) => resolver !== 'system' && (outcome === 'server-failure' || outcome === 'other-rcode'),
  )
  const compared = [
    ...heard.map((one) => `${resolverOf(one)} ${wordOf(one)}`),
    ...others.map((one) => `${resolverOf(one)} ${answersWord(one)} for ${one.name === '.' ? 'the root' : one.name}`),
  ]
  const comparison = compared.length > 0 ? listed(compared) : 'no other resolver was heard'
  // What goes through a proxy is resolved there; here it was the proxy's own name.
  const unresolved = flow.via === undefined ? (flow.target.name ?? place) : `${failed[0]?.name}, the proxy ${flow.via},`
  return {
    says: `${unresolved} could not be resolved: ${said}; ${comparison}`,
    alternatives: failing
      ? ['resolver-filters', 'forwarding-fails', 'name-missing']
      : ['resolver-unreachable', 'udp-only-filtered', 'resolver-filters', 'no-local-network'],
    nextProbe: failing
      ? "read the resolver's log for this name, and ask it for another name: SERVFAIL is a dead forwarder, a broken zone, DNSSEC or a filter"
      : own
        ? 'name a second resolver of the site (resolvers.internal) and run this again'
        : 'name a control resolver in the site file (resolvers.control) and run this again',
  }
}

/** A failure is an answer as well, and has its own word. */
function answersWord(one: NameLookup): string {
  return one.outcome === 'server-failure' || one.outcome === 'refused-by-policy' ? wordOf(one) : 'answers'
}

function openService(
  { flow, dnsOtherwise, controlLookups, otherLookups }: Seen,
  { failed }: Extract<Stop, { phase: 'dns' }>,
  place: string,
): OpenQuestion {
  const heard = [...dnsOtherwise, ...controlLookups, ...otherLookups].filter(isAnswered)
  const comparison =
    heard.length > 0
      ? listed(heard.map((one) => `${resolverOf(one)} answered over ${one.transport}`))
      : 'no other resolver or transport was heard'
  // What takes the question and spoils the answer was reached: nothing on the way kept it out.
  const spoilt = failed.some((one) => one.outcome === 'malformed' || one.outcome === 'mismatch' || isTakenAndEnded(one))
  const kept = flow.target.transport === 'udp' ? 'udp-only-filtered' : 'filtered-silently'
  return {
    says: `${place} ${listed(failed.map(wordOf))}; ${comparison}`,
    alternatives: spoilt
      ? ['not-the-service', 'dns-tampered', 'connection-limit']
      : ['resolver-unreachable', kept, 'silent-service', 'no-route'],
    nextProbe: spoilt
      ? `ask ${hostOf(flow)} itself what listens there, and what its DNS log says`
      : 'ask the same over the other transport, and another name server from this machine',
  }
}

function openConnect(
  { sameHostSilent, elsewhereDead, address, flow }: Seen,
  { failed }: Extract<Stop, { phase: 'connect' }>,
  place: string,
  capture: string,
): OpenQuestion {
  const outcomes = new Set(failed.map(({ outcome }) => outcome))
  const codes = listed(failed.map(({ code, outcome }) => code ?? outcome))
  const answered = failed.filter(({ outcome }) => outcome === 'refused' || outcome === 'reset')
  if (answered.length > 0 && answered.length < failed.length) {
    return {
      says: `${place} gives another answer each time that it is asked (${codes}): one of them may be a device's, or another node's`,
      alternatives: ['one-bad-node', 'refused-by-firewall', 'connection-limit', 'no-route'],
      nextProbe: `repeat over some minutes and count: ${checkOf(flow)} --watch; ${capture}`,
    }
  }
  if (outcomes.has('host-unreachable') || outcomes.has('net-unreachable')) {
    return {
      says: `${place} is called unreachable (${codes}); that one word has several causes, and no control separates them`,
      alternatives: ['no-route', 'admin-prohibited', 'split-tunnel-excludes'],
      nextProbe: `traceroute -T -p ${flow.target.port ?? 443} ${address ?? hostOf(flow)}, and any other port of the same host`,
    }
  }
  if (outcomes.has('timeout')) {
    const waited = duration(Math.max(...failed.map(({ ms }) => ms)))
    const also = [
      ...sameHostSilent.map(({ what }) => what),
      ...elsewhereDead.map((one) => `${one.port} on ${one.address}`),
    ]
    return {
      says: `${place} stays silent (${waited})${also.length > 0 ? `, and so ${verbOf(also, 'does', 'do')} ${listed(also)}` : ''}; nothing comparable answered`,
      alternatives: ['filtered-silently', 'no-route', 'no-local-network'],
      nextProbe: `check another port of the same host, and the same port of another host; ${capture}`,
    }
  }
  return {
    says: `the connection to ${place} failed in a way that names no cause (${codes})`,
    alternatives: ['split-tunnel-excludes', 'admin-prohibited', 'tool-limit'],
    nextProbe: capture,
  }
}

function openRequest(seen: Seen, { failed }: Extract<Stop, { phase: 'http' }>, place: string): OpenQuestion {
  const beside = answeredBeside(seen, failed)
  const nextProbe = `put the same request on ${hostOf(seen.flow)} itself`
  const silent = failed.every(({ outcome }) => outcome === 'timeout')
  const how = silent
    ? `leaves it unanswered for ${duration(Math.max(...failed.map(({ ms }) => ms)))}`
    : `ends without an answer (${listed(failed.map(({ outcome }) => outcome))})`
  if (beside.length === 0) {
    return {
      says: `${place} takes the request and ${how}`,
      alternatives: ['payload-dropped', 'not-the-service', 'silent-service'],
      nextProbe,
    }
  }
  return {
    says: `${place} takes the request and ${how}; others at the same place were answered at that time (${listed(beside.map(({ url }) => url))})`,
    alternatives: ['saturation', 'connection-limit', 'silent-service'],
    nextProbe: `ask it alone: the same with --concurrency 1; then ${nextProbe}`,
  }
}

function openExchange(
  { flow, sameHostOpen }: Seen,
  { failed }: Extract<Stop, { phase: 'service' }>,
  place: string,
  capture: string,
): OpenQuestion {
  const nextProbe = `ask ${hostOf(flow)} itself; ${capture}`
  if (failed.every(({ outcome, bytesIn }) => outcome === 'timeout' && bytesIn === 0)) {
    const waited = duration(Math.max(...failed.map(({ ms }) => ms)))
    return {
      says: `${place} accepts the connection and leaves a valid question of ${serviceOf(flow.target)} unanswered for ${waited}; nothing comparable answered`,
      alternatives: ['silent-service', 'payload-dropped', 'not-the-service'],
      nextProbe,
    }
  }
  if (failed.some(({ bytesIn }) => bytesIn > 0)) {
    return {
      says: `${place} gives another answer each time that it is asked (${listed(failed.map(({ code, outcome }) => code ?? outcome))}): one of them may be another node's`,
      alternatives: ['one-bad-node', 'not-the-service', 'lossy-path'],
      nextProbe: `repeat over some minutes and count: ${checkOf(flow)} --watch; ${capture}`,
    }
  }
  const does = failed.some(({ outcome }) => outcome === 'reset') ? 'resets' : 'ends'
  const others = sameHostOpen.slice(0, 4).map(({ what }) => what)
  const also =
    others.length === 0
      ? ''
      : `; ${listed(others)} on the same host ${new Set(others).size > 1 ? 'take' : 'takes'} connections`
  return {
    // Who cannot read a question often hangs up, and so does a device that does not like it, or a server that has enough.
    says: `${place} accepts the connection and ${does} it after the question of ${serviceOf(flow.target)}, without an octet (${listed(failed.map(({ code, outcome }) => code ?? outcome))})${failed.length > 1 ? `, ${failed.length} times` : ''}${also}`,
    alternatives: ['not-the-service', 'payload-dropped', 'connection-limit', 'silent-service'],
    nextProbe,
  }
}

function openHandshake(
  { otherServerNames, flow }: Seen,
  { failed }: Extract<Stop, { phase: 'tls' }>,
  place: string,
  capture: string,
): OpenQuestion {
  const bytesOut = Math.max(0, ...failed.map((one) => one.bytesOut))
  const bytesIn = Math.max(0, ...failed.map((one) => one.bytesIn))
  const heard = `${bytesOut} octets out, ${bytesIn} in`
  const outcomes = new Set(failed.map(({ outcome }) => outcome))
  const isNameless = failed.every(({ serverName }) => serverName === undefined)
  const answered = otherServerNames.filter(spokeTls)
  const mayBeName = answered.length > 0 || otherServerNames.length === 0
  const control = otherNamesIn(otherServerNames, isNameless)
  const nextProbe =
    isNameless && mayBeName
      ? giveName(flow)
      : otherServerNames.length > 0
        ? capture
        : 'send another name to the same address and port'
  // What was not asked for by name cannot be filtered by name.
  const filter: readonly CauseCode[] = mayBeName && !isNameless ? ['sni-filter'] : []
  const binding: readonly CauseCode[] = mayBeName ? ['name-mismatch'] : []
  if (outcomes.has('timeout')) {
    return {
      says: `${place} accepts the connection and leaves the ClientHello unanswered (${heard}); ${control}`,
      alternatives: [...filter, 'pmtu-black-hole', 'asymmetric-path', 'payload-dropped', 'silent-service'],
      nextProbe,
    }
  }
  if (failed.every(isHelloUnread)) {
    return {
      says: `${place} accepts the connection and ends it before anything is said on it`,
      alternatives: ['connection-limit', 'refused-by-firewall', 'silent-service'],
      nextProbe: `read the log of ${hostOf(flow)}, and repeat over some minutes: ${checkOf(flow)} --watch`,
    }
  }
  if (outcomes.has('reset') || outcomes.has('closed')) {
    return {
      says: `${place} ends the connection after the ClientHello (${heard}); ${control}`,
      alternatives: [
        ...filter,
        ...binding,
        'not-the-service',
        'payload-dropped',
        'tls-parameters',
        ...(otherServerNames.length > 0 ? [] : (['big-clienthello'] as const)),
      ],
      nextProbe,
    }
  }
  if (isNameless && failed.some((one) => alertOf(one) === unrecognizedName)) {
    return {
      says: `${place} wants to be asked for by a name (SNI), and none of its names is known here: alert ${unrecognizedName} (unrecognized_name); ${control}`,
      alternatives: ['name-mismatch', 'not-the-service'],
      nextProbe: giveName(flow),
    }
  }
  const words = listed(
    failed.map(({ alert, code, outcome }) => (alert ? `alert ${alert.number} (${alert.name})` : (code ?? outcome))),
  )
  return {
    says: `the TLS handshake with ${place} failed: ${words}`,
    alternatives: ['tls-parameters', 'tls-version', 'not-the-service'],
    nextProbe: 'offer other versions and suites: openssl s_client -tls1_2, -tls1_3',
  }
}

/** The alert of a server that knows no such name, or wants one (RFC 6066 §3). */
const unrecognizedName = 112

/** What came of other names at the same address. */
function otherNamesIn(others: readonly TlsHandshake[], isNameless: boolean): string {
  const answered = others.filter(spokeTls)
  if (answered.length > 0) {
    return `${listed(answered.map(({ serverName }) => serverName ?? 'a hello without a name'))} to the same address gets an answer`
  }
  if (others.length > 0) return `${isNameless ? 'a' : 'another'} name to the same address fares no better`
  return isNameless ? 'no name was sent' : 'no other name was tried there'
}
