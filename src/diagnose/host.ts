import { parseHostPort } from '../model/cidr.ts'
import type { HttpExchange, NameLookup, TcpConnect, TlsHandshake } from '../model/observation.ts'
import { organisation, sameName } from './names.ts'
import { isLocal } from './neighbours.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { duration, listed, placeOf } from './wording.ts'

/** How far two clocks may be apart before a certificate or a Kerberos ticket suffers, in milliseconds. */
const toleratedSkewMs = 300_000

/** Causes that lie in this machine: they are judged first, since they make everything else look broken. */
export const hostRules: readonly Rule[] = [
  {
    cause: 'tool-limit',
    match: ({ stop, flow, limits, furthest }) => {
      const ownLimits = limits.filter(
        ({ limit }) => limit === 'no-descriptors' || limit === 'no-ports' || limit === 'no-right',
      )
      const attempts = stop?.phase === 'connect' || stop?.phase === 'name' || stop?.phase === 'dns' ? stop.failed : []
      const failed = [...attempts].filter(({ outcome }) => outcome === 'tool-limit')
      const hindered = failed.length > 0 && failed.length === attempts.length
      if (!hindered && (ownLimits.length === 0 || furthest !== 'nothing' || stop !== undefined)) return undefined
      const why = ownLimits[0]?.detail ?? `${codeOf(failed[0])} before anything was sent`
      return {
        confidence: 'certain',
        says: `${placeOf(flow)} could not be asked: ${why}`,
        fix: 'lower the number of questions at once, or raise the limit of open files and local ports',
        alternatives: [],
        nextProbe: 'run the check for this flow alone',
        decidedBy: idsOf(failed, ownLimits),
      }
    },
  },
  {
    cause: 'no-local-network',
    match: (seen) => {
      const { stop, flow, elsewhereAnswers, elsewhereDead, sameHostOpen, sameHostRefuses } = seen
      if (stop?.phase !== 'connect' || isLocal(seen.address)) return undefined
      const others = elsewhereAnswers.filter(({ address }) => !isLocal(address))
      if (others.length + sameHostOpen.length + sameHostRefuses.length > 0) return undefined
      // A name server elsewhere that answered shows that packets leave and come back.
      const heard = [...seen.lookups.worked, ...seen.lookups.failed, ...seen.controlLookups].some(
        ({ rcode, resolver }) =>
          rcode !== undefined && resolver !== 'system' && !isLocal(parseHostPort(resolver)?.host),
      )
      if (heard) return undefined
      const says = `nothing leaves this machine: ${placeOf(flow)}`
      const fix = 'bring up the network of this machine: link, address and default route'
      const own = stop.failed
      const unrouted = own.filter(({ outcome }) => outcome === 'no-local-network')
      if (unrouted.length === own.length) {
        return {
          confidence: 'certain',
          says: `${says} was refused by its own routing table, and it has no address from which others can be reached`,
          fix,
          alternatives: [],
          decidedBy: idsOf(unrouted),
        }
      }
      const dead = elsewhereDead.filter(({ address }) => !isLocal(address))
      if (dead.length < 2) return undefined
      const unreachable = [...own, ...dead].every(({ outcome }) => outcome === 'net-unreachable')
      return {
        confidence: unreachable ? 'likely' : 'possible',
        says: `${says} and ${listed(dead.map(({ address, port }) => `${port} on ${address}`))} ${unreachable ? 'have no route' : 'are all silent'}`,
        fix,
        alternatives: unreachable ? ['no-route'] : ['no-route', 'filtered-silently'],
        nextProbe: 'read the routing table of this machine, then ask its default gateway',
        decidedBy: idsOf(own, dead),
      }
    },
  },
  {
    cause: 'clock-wrong',
    match: (seen) => {
      const { shaken, peers, context } = seen
      if (shaken === undefined) return undefined
      const own = standing(shaken, context.judgedAt)
      if (own === 'valid' || own === 'undated') return undefined
      const clocks = clocksOf(seen)
      if (clocks.some(({ skewMs }) => Math.abs(skewMs) <= toleratedSkewMs)) return undefined
      const unrelated = unrelatedTo(shaken, peers)
      const alike = unrelated.filter((peer) => standing(peer, context.judgedAt) === own)
      const against =
        own === 'expired' ? clocks.filter(({ skewMs }) => skewMs < 0) : clocks.filter(({ skewMs }) => skewMs > 0)
      const valid = unrelated.some((peer) => standing(peer, context.judgedAt) === 'valid')
      if (alike.length + against.length === 0 || (valid && against.length === 0)) return undefined
      const word = own === 'expired' ? 'expired' : 'not yet valid'
      const [clock] = against
      const off =
        clock === undefined
          ? ''
          : `; the clock of ${serverOf(clock)} is ${duration(Math.abs(clock.skewMs))} away from this machine's`
      const names = [shaken, ...alike].map(({ serverName, address }) => serverName ?? address)
      return {
        confidence: alike.length > 0 && against.length > 0 ? 'certain' : 'likely',
        says:
          alike.length > 0
            ? `the certificates of ${listed(names)}, which have nothing in common, all look ${word} to this machine${off}`
            : `the certificate of ${listed(names)} looks ${word} to this machine only${off}`,
        fix: "set this machine's clock by its time source",
        alternatives: [own === 'expired' ? 'cert-expired' : 'cert-not-yet-valid'],
        nextProbe: 'compare the clock of this machine with a domain controller and with a public server',
        decidedBy: idsOf(
          [shaken],
          alike,
          against.map(({ exchange }) => exchange),
        ),
      }
    },
  },
]

function codeOf(attempt: TcpConnect | NameLookup | undefined): string {
  const code = attempt?.kind === 'tcp-connect' ? attempt.code : attempt?.detail
  return code ?? 'a limit of this machine'
}

/** How the dates of a leaf stand to a time: `undated` when either is no time. */
export function standing({ chain }: TlsHandshake, judgedAt: string): 'valid' | 'expired' | 'not-yet-valid' | 'undated' {
  const leaf = chain[0]
  if (leaf === undefined) return 'undated'
  const now = Date.parse(judgedAt)
  const from = Date.parse(leaf.notBefore)
  const to = Date.parse(leaf.notAfter)
  if (Number.isNaN(now) || Number.isNaN(from) || Number.isNaN(to)) return 'undated'
  if (now > to) return 'expired'
  return now < from ? 'not-yet-valid' : 'valid'
}

/** One handshake an organisation, none of the flow's own and none with the same certificate. */
function unrelatedTo(shaken: TlsHandshake, peers: readonly TlsHandshake[]): readonly TlsHandshake[] {
  const taken = new Set([organisation(shaken.serverName ?? shaken.address)])
  return peers.filter((peer) => {
    const group = organisation(peer.serverName ?? peer.address)
    if (taken.has(group) || sameName(peer.serverName, shaken.serverName)) return false
    if (peer.chain[0] === undefined || peer.chain[0].sha256 === shaken.chain[0]?.sha256) return false
    taken.add(group)
    return true
  })
}

interface Clock {
  readonly exchange: HttpExchange
  /** The server's clock less this machine's, by its Date field (RFC 9110 §6.6.1), in milliseconds. */
  readonly skewMs: number
}

/** The clocks that answers gave away. A cached answer tells the time of another day (RFC 9111 §5.1): it is passed over. */
export function clocksOf({ exchanges, controlExchanges }: Seen): readonly Clock[] {
  return [...exchanges.worked, ...controlExchanges].flatMap((exchange) => {
    const { date, age } = exchange.headers
    if (date === undefined || (age !== undefined && age !== '0')) return []
    const skewMs = Date.parse(date) - Date.parse(exchange.at)
    return Number.isNaN(skewMs) ? [] : [{ exchange, skewMs }]
  })
}

function serverOf({ exchange: { url, address } }: Clock): string {
  return URL.canParse(url) ? new URL(url).hostname : address
}
