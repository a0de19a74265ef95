import type { CauseCode } from '../model/cause.ts'
import { hostPort } from '../model/hostPort.ts'
import type { RootDse, ServiceQuestion } from '../model/serviceAnswer.ts'
import { isAnswered } from './lookups.ts'
import type { Neighbour } from './neighbours.ts'
import { isOwnRule, refusalUnheard } from './platformWords.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { allowRule, captureAt, duration, hostOf, listed, placeOf, portOf, serviceOf } from './wording.ts'

/** Causes that lie between the two ends, below whatever they speak. */
export const transportRules: readonly Rule[] = [
  { cause: 'admin-prohibited', match: adminProhibited },
  { cause: 'admin-prohibited', match: forbiddenHere },
  { cause: 'admin-prohibited', match: datagramForbidden },
  { cause: 'refused', match: refused },
  { cause: 'udp-only-filtered', match: udpOnlyFiltered },
  { cause: 'filtered-silently', match: filteredSilently },
]

const some = (neighbours: readonly Neighbour[]): readonly Neighbour[] => neighbours.slice(0, 4)
const isMany = (neighbours: readonly Neighbour[]): boolean => new Set(neighbours.map(({ what }) => what)).size > 1
const answers = (neighbours: readonly Neighbour[]): string =>
  `${listed(neighbours.map(({ what }) => what))} on the same host ${isMany(neighbours) ? 'answer' : 'answers'}`
const refuses = (neighbours: readonly Neighbour[]): string =>
  `${listed(neighbours.map(({ what }) => what))} on the same host ${isMany(neighbours) ? 'are' : 'is'} refused at once`
const ends = ({ from, address }: Seen): { readonly from: string; readonly address?: string | undefined } => ({
  from,
  address,
})

function adminProhibited(seen: Seen): Match | undefined {
  const { stop, flow, sameHostOpen, sameHostRefuses } = seen
  if (stop?.phase !== 'connect') return undefined
  const { failed } = stop
  const policy = failed.filter(({ outcome }) => outcome === 'admin-prohibited')
  const open = some(sameHostOpen)
  const refusing = open.length > 0 ? [] : some(sameHostRefuses)
  if (policy.length > 0 && policy.length === failed.length) {
    const local = policy.every(({ code, address }) => isOwnRule(code, address))
    return {
      confidence: local ? 'certain' : 'likely',
      says: `${placeOf(flow)} is forbidden${local ? ` by a rule of this machine itself (${policy[0]?.code})` : ' by a device on the path'}`,
      fix: local
        ? `remove the local filter or prohibit route, so that it reads: ${allowRule(flow, ends(seen))}`
        : allowRule(flow, ends(seen)),
      alternatives: [],
      nextProbe: local ? 'read the routing table and the local filter of this machine' : traceTo(seen),
      decidedBy: idsOf(policy),
      ...(local && { owner: 'host' }),
    }
  }
  const unreachable = failed.filter(({ outcome }) => outcome === 'host-unreachable' || outcome === 'net-unreachable')
  if (unreachable.length === 0 || unreachable.length < failed.length) return undefined
  if (open.length + refusing.length === 0) return undefined
  return {
    // A refusal may be the same device's other way to say no; only a port that is open shows that the host is reached.
    confidence: open.length > 0 ? 'likely' : 'possible',
    says:
      open.length > 0
        ? `${placeOf(flow)} is called unreachable, and ${answers(open)}: the host is reached, the port is forbidden`
        : `${placeOf(flow)} is called unreachable, and ${refuses(refusing)}: something there or before it tells the ports apart`,
    fix: allowRule(flow, ends(seen)),
    alternatives: open.length > 0 ? ['split-tunnel-excludes'] : ['split-tunnel-excludes', 'no-route'],
    nextProbe: traceTo(seen),
    decidedBy: [...idsOf(unreachable), ...[...open, ...refusing].map(({ id }) => id)],
  }
}

/** This machine's own word for a datagram, or a question for a name, that it lets nobody send. */
function forbiddenHere(seen: Seen): Match | undefined {
  const { stop, flow, address } = seen
  if (stop?.phase !== 'udp' && stop?.phase !== 'dns') return undefined
  const tried: readonly (typeof stop.failed)[number][] = stop.failed
  const codes = tried.map((one) => (one.kind === 'udp-exchange' ? one.code : one.detail))
  if (!codes.every((code) => isOwnRule(code, address))) return undefined
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} is forbidden by a rule of this machine itself (${codes[0]}): nothing was sent`,
    fix: `remove the local filter or prohibit route, so that it reads: ${allowRule(flow, ends(seen))}`,
    alternatives: [],
    nextProbe: 'read the routing table and the local filter of this machine',
    decidedBy: idsOf(tried),
    owner: 'host',
  }
}

/** ICMP calls the host of a datagram unreachable, each time, and other ports of that host answer. */
function datagramForbidden(seen: Seen): Match | undefined {
  const { stop, flow, sameHostOpen } = seen
  if (stop?.phase !== 'udp') return undefined
  // Any other word is a rule of this machine's own.
  const unreachable = stop.failed.filter(
    ({ outcome, code }) => outcome === 'unreachable' && (code === 'EHOSTUNREACH' || code === 'ENETUNREACH'),
  )
  const open = some(sameHostOpen)
  if (unreachable.length === 0 || unreachable.length < stop.failed.length || open.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} is called unreachable, and ${answers(open)}: the host is reached, the port is forbidden`,
    fix: allowRule(flow, ends(seen)),
    alternatives: ['split-tunnel-excludes'],
    nextProbe: byPackets(seen, 'the ICMP message names the device'),
    decidedBy: [...idsOf(unreachable), ...open.map(({ id }) => id)],
  }
}

function traceTo(seen: Seen): string {
  const { flow, address } = seen
  const trace = `traceroute -T -p ${flow.target.port ?? 443} ${address ?? hostOf(flow)}: !X marks the device that forbids it`
  return isCaptured(seen) ? trace : `${toCapture(seen, 'the ICMP message names the device')}; or ${trace}`
}

/** Packets of this machine were looked at already: what they do not tell, only those of the other end do. */
function isCaptured({ kinds }: Seen): boolean {
  return kinds['packet-evidence'].length > 0
}

/** Where packets show who says so, and have not been looked at. */
function byPackets(seen: Seen, what: string): string {
  return isCaptured(seen) ? captureAt(seen.address, seen.flow.target) : toCapture(seen, what)
}

/** To ask for a capture again does not help where one was asked for: what kept it from beginning is to be settled. */
function toCapture({ context: { captureRemedy } }: Seen, what: string): string {
  return captureRemedy === undefined
    ? `run this with --capture: ${what}`
    : `let --capture begin (${what}): ${captureRemedy}`
}

/** A reset says that something refuses. Who sent it, the host or a device in its name, only a capture tells. */
function refused(seen: Seen): Match | undefined {
  const { stop, flow, address, sameHostOpen } = seen
  if (stop === undefined || stop.phase === 'name' || stop.phase === 'tls') return undefined
  if (stop.phase === 'service' || stop.phase === 'http') return undefined
  const refusing = stop.failed.filter(
    ({ outcome }: { readonly outcome: string }) =>
      outcome === 'refused' || (outcome === 'reset' && stop.phase === 'connect'),
  )
  if (refusing.length === 0 || refusing.length < stop.failed.length) return undefined
  const open = some(sameHostOpen)
  const port = flow.target.port
  // What Microsoft's own front ends serve is not for the reader to start: a device on the way refuses.
  const outside = flow.direction === 'outbound-internet'
  const whose = byPackets(seen, 'packets tell whose refusal it is')
  return {
    confidence: 'certain',
    ...(outside && { owner: 'firewall' as const }),
    says: `${placeOf(flow)} refuses the ${flow.target.transport === 'udp' ? 'datagram' : 'connection'}: the host does not listen there, or a firewall answers in its name${open.length > 0 ? `; ${answers(open)}` : ''}`,
    fix: outside
      ? `${allowRule(flow, ends(seen))}; where the only way out is a proxy, name it under proxies:`
      : `start ${serviceOf(flow.target)} on ${hostOf(flow)} so that it listens on ${hostPort(address ?? hostOf(flow), port)}; if it does, ${allowRule(flow, ends(seen))}`,
    alternatives: ['refused-by-host', 'refused-by-firewall'],
    nextProbe: outside ? whose : `on ${hostOf(flow)}: does anything listen on ${portOf(flow.target)}? Then ${whose}`,
    decidedBy: [...idsOf(refusing), ...open.map(({ id }) => id)],
  }
}

/**
 * The same service proves itself over TCP, and its UDP half is silent. An open port over TCP is less: nobody knows what is
 * behind it.
 */
function udpOnlyFiltered(seen: Seen): Match | undefined {
  const { stop, flow, dnsOtherwise, controlLookups, sameHostOpen, address } = seen
  // A directory that is none of Active Directory answers no ping over CLDAP: its silence is its own.
  if (stop?.phase === 'udp' && otherDirectory(seen) !== undefined) return undefined
  const silentUdp =
    stop?.phase === 'udp'
      ? stop.failed.filter(({ outcome }) => outcome === 'timeout')
      : stop?.phase === 'dns' || stop?.phase === 'name'
        ? stop.failed.filter(({ transport, outcome }) => transport === 'udp' && outcome === 'timeout')
        : []
  if (stop === undefined || silentUdp.length === 0 || silentUdp.length < stop.failed.length) return undefined
  const twins = stop.phase === 'udp' ? twinAnswers(seen) : []
  const overTcp =
    twins.length > 0
      ? twins
      : stop.phase === 'udp'
        ? sameHostOpen.filter(({ what }) => what === String(flow.target.port))
        : [
            ...dnsOtherwise,
            ...controlLookups.filter(
              ({ resolver }) => stop.phase === 'name' && stop.failed.some((one) => one.resolver === resolver),
            ),
          ]
            .filter((one) => one.transport === 'tcp' && isAnswered(one))
            .map(({ id, resolver, ms }): Neighbour => ({ id, what: resolver, ms }))
  if (overTcp.length === 0) return undefined
  const where = stop.phase === 'name' ? (stop.failed[0]?.resolver ?? 'the resolver') : placeOf(flow)
  const rule =
    stop.phase === 'name' ? `allow udp ${seen.from} -> ${where}` : allowRule(flow, { from: seen.from, address })
  const proven = stop.phase !== 'udp' || twins.length > 0
  const isUnheard = silentUdp.some((one) => one.kind === 'udp-exchange' && one.refusalUnheard)
  const over = proven ? `answers ${twins[0]?.what ?? 'the same'} over TCP` : 'its port is open over TCP'
  return {
    confidence: proven && silentUdp.length > 1 && !isUnheard ? 'likely' : 'possible',
    says: `${where} is silent over UDP${silentUdp.length > 1 ? ' each time' : ''} and ${over}${isUnheard ? refusalUnheard : ''}`,
    fix: rule,
    alternatives: [
      ...(isUnheard ? (['refused'] as const) : []),
      ...(proven ? [] : (['silent-service'] as const)),
      ...(silentUdp.length > 1 ? [] : (['lossy-path'] as const)),
    ],
    nextProbe: captureAt(address, flow.target),
    decidedBy: [...idsOf(silentUdp), ...overTcp.map(({ id }) => id)],
  }
}

/** What is asked over TCP of the service that is asked by datagram; Kerberos and its password change are on the same port. */
const twinQuestions: Readonly<Partial<Record<ServiceQuestion, readonly [over: ServiceQuestion, what: string]>>> =
  Object.freeze({
    'kerberos-as-request': ['kerberos-as-request', 'the same'],
    'kpasswd-request': ['kpasswd-request', 'the same'],
    'netlogon-ping': ['ldap-root-dse', 'LDAP'],
  })

/** Answers over TCP of the service that is silent over UDP, of the same host, whoever asked for them. */
function twinAnswers({ kinds, address, datagrams }: Seen): readonly Neighbour[] {
  const asked = datagrams.failed.find((one) => one.asked !== undefined)?.asked
  const [over, what] = (asked && twinQuestions[asked]) ?? []
  if (over === undefined || what === undefined) return []
  return kinds['service-exchange']
    .filter((one) => one.address === address && one.asked === over && one.outcome === 'answer')
    .map(({ id, ms }) => ({ id, what, ms }))
}

/** What LDAP of the host says of itself, where a ping of Netlogon is asked for and that is no Active Directory. */
export function otherDirectory({ kinds, address, flow }: Seen): RootDse | undefined {
  if (flow.target.service !== 'cldap') return undefined
  const roots = kinds['service-exchange'].flatMap(({ answer, ...one }) =>
    one.address === address && answer?.kind === 'root-dse' ? [answer] : [],
  )
  return roots.every(({ activeDirectory }) => !activeDirectory) ? roots[0] : undefined
}

/** Silence accuses only where something comparable answers. */
export function filteredSilently(seen: Seen): Match | undefined {
  const { stop, flow, address, sameHostOpen, sameHostRefuses, samePortOpen, sameHostSilent } = seen
  // A DNS question over TCP that stays unanswered may have been accepted: only a connection tells.
  if (stop?.phase !== 'connect') return undefined
  const silent = stop.failed.filter(({ outcome }) => outcome === 'timeout')
  if (silent.length === 0 || silent.length < stop.failed.length) return undefined
  const open = some(sameHostOpen)
  const refusing = some(sameHostRefuses)
  const elsewhere = samePortOpen.slice(0, 2)
  const place = placeOf(flow)
  // What answers only just within the wait shows that the wait is too short to call anything dropped.
  const waitedMs = Math.min(...silent.map(({ ms }) => ms))
  const slowestMs = Math.max(0, ...[...open, ...elsewhere].map(({ ms }) => ms))
  const hasty = slowestMs * 3 > waitedMs
  const match = (
    confidence: 'likely' | 'possible',
    comparison: string,
    alternatives: readonly CauseCode[],
    controls: readonly Neighbour[],
  ): Match => ({
    confidence: hasty ? 'possible' : confidence,
    says: hasty
      ? `${place} gave no answer within ${duration(waitedMs)}; ${comparison}, after up to ${duration(slowestMs)}`
      : `${place} is dropped on the path; ${comparison}`,
    fix: allowRule(flow, ends(seen)),
    alternatives: hasty ? [...alternatives, 'high-latency'] : alternatives,
    nextProbe: hasty
      ? `run this again with a longer --timeout; ${captureAt(address, flow.target)}`
      : captureAt(address, flow.target),
    decidedBy: [...idsOf(silent), ...controls.map(({ id }) => id)],
  })
  const also = listed(elsewhere.map(({ what }) => what))
  if (open.length > 0) {
    return elsewhere.length > 0
      ? match(
          'likely',
          `${answers(open)}, and so ${isMany(elsewhere) ? 'do' : 'does'} ${also}`,
          ['connection-limit'],
          [...open, ...elsewhere],
        )
      : match('likely', answers(open), ['no-route', 'connection-limit'], open)
  }
  if (refusing.length > 0) {
    return match('possible', refuses(refusing), ['no-route', 'connection-limit'], [...refusing, ...elsewhere])
  }
  // Other ports of the host are silent too: then the host may be off, or its network unreachable.
  if (elsewhere.length === 0 || sameHostSilent.length > 0) return undefined
  return match(
    'possible',
    `${also} ${isMany(elsewhere) ? 'answer' : 'answers'}`,
    ['no-route', 'one-bad-node'],
    elsewhere,
  )
}
