import { parseHostPort } from '../model/cidr.ts'
import type { NameLookup, TcpConnect, UdpExchange } from '../model/observation.ts'
import { isLocal } from './neighbours.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { isAnyHopHeard } from './tracedPaths.ts'
import { listed, placeOf } from './wording.ts'

/** Causes that lie in this machine: they are judged first, since they make everything else look broken. */
export const hostRules: readonly Rule[] = [
  {
    cause: 'tool-limit',
    match: (seen) => {
      const { stop, flow, limits, furthest } = seen
      const ownLimits = limits.filter(
        ({ limit }) => limit === 'no-descriptors' || limit === 'no-ports' || limit === 'no-right',
      )
      const attempts =
        stop === undefined
          ? unaskedName(seen)
          : stop.phase === 'tls' || stop.phase === 'service' || stop.phase === 'http' || stop.phase === 'tunnel'
            ? []
            : stop.failed
      // An answer that was cut short is no attempt that failed: what failed is the one that was to fetch the rest.
      const ended = [...attempts].filter((one) => !(one.kind === 'name-lookup' && one.truncated === true))
      const failed = ended.filter(({ outcome }) => outcome === 'tool-limit')
      const hindered = failed.length > 0 && failed.length === ended.length
      if (!hindered && (ownLimits.length === 0 || furthest !== 'nothing' || stop !== undefined)) return undefined
      const why = ownLimits[0]?.detail ?? `${codeOf(failed[0])} before anything was sent`
      return {
        confidence: 'certain',
        says: `${placeOf(flow)} could not be asked: ${why}`,
        fix: 'raise the limit of open files (ulimit -n) and the range of local ports, or ask fewer questions at once',
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
      if ((stop?.phase !== 'connect' && stop?.phase !== 'proxy') || isLocal(seen.address)) return undefined
      const others = elsewhereAnswers.filter(({ address }) => !isLocal(address))
      if (others.length + sameHostOpen.length + sameHostRefuses.length > 0) return undefined
      // A name server elsewhere that answered shows that packets leave and come back.
      const heard = [...seen.lookups.worked, ...seen.lookups.failed, ...seen.controlLookups].some(
        ({ rcode, resolver }) =>
          rcode !== undefined && resolver !== 'system' && !isLocal(parseHostPort(resolver)?.host),
      )
      if (heard || isAnyHopHeard(seen)) return undefined
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
]

/**
 * The flow's own look-ups, where a limit of this machine kept all of them from being sent: that the same was asked later,
 * for comparison, and was answered, has led to no connection.
 */
export function unaskedName({ stop, furthest, lookups, limits }: Seen): readonly NameLookup[] {
  if (stop !== undefined || furthest !== 'name' || limits.length > 0) return []
  const first = [...lookups.worked, ...lookups.failed].filter(({ role }) => role === 'probe')
  return first.every(({ outcome }) => outcome === 'tool-limit') ? first : []
}

function codeOf(attempt: TcpConnect | NameLookup | UdpExchange | undefined): string {
  const code = attempt?.kind === 'name-lookup' ? attempt.detail : attempt?.code
  return code ?? 'a limit of this machine'
}
