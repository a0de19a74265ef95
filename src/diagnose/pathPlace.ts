import type { CauseCode } from '../model/cause.ts'
import type { PathTrace } from '../model/observation.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import type { Heard } from './tracedPaths.ts'
import { heardOn, isAskedToItsEnd, isSilent, lastWords, pathsOf } from './tracedPaths.ts'

/**
 * Adds where packets end to what is said of a silent port. A hop that is silent while later ones answer is not held
 * against anybody; neither is the last that answers: its own rules may drop what it would pass on, or whoever is next.
 */
export function withPlace(cause: CauseCode, match: Match, seen: Seen): Match {
  const paths = seen.kinds['path-trace'].length === 0 ? undefined : pathsOf(seen)
  if (paths?.own === undefined || !isSilent(paths) || !placed.has(cause)) return match
  // What is dropped on this machine itself ends at no hop.
  if (match.owner === 'host' || match.decidedBy.includes(paths.own.id)) return match
  const { own, others } = paths
  const { trace, ...rest } = match
  const heard = heardOn(own, seen)
  const last = heard.at(-1)
  const further = others.find((one) => goesBeyond(one, last, seen))
  const isEndKnown = isAskedToItsEnd(own)
  // Of a trace that was cut at a hop nobody knows whether it would have gone on as well.
  const beyond = isEndKnown ? further : undefined
  const decidedBy = idsOf(
    match.decidedBy.map((id) => ({ id })),
    [own],
    further === undefined ? [] : [further],
  )
  if (own.outcome === 'reached' && own.port !== undefined) {
    // The same port answers another packet: what drops some of them is no rule for the port.
    return {
      ...rest,
      ...(cause !== 'undetermined' && { confidence: 'possible' }),
      says: `${match.says}; a trace to the same port is answered by the address itself`,
      alternatives: [...match.alternatives, 'lossy-path', 'connection-limit'],
      decidedBy,
    }
  }
  const excluded = new Set<string>([
    ...(last === undefined ? [] : ['no-local-network']),
    ...(own.outcome === 'reached' || (further?.outcome === 'reached' && further.reply !== 'reset') ? ['no-route'] : []),
  ])
  const isPort = cause === 'filtered-silently' && beyond !== undefined && beyond.reply !== 'reset'
  const isHasty = match.alternatives.includes('high-latency')
  const look = last === undefined ? [] : [`on ${last.address}: its route to ${own.address}, and its rules`]
  return {
    ...(isEndKnown ? rest : match),
    ...(isPort && !isHasty && { confidence: 'likely' }),
    says: `${match.says}; ${placeWords(own, last, beyond, seen)}`,
    ...(last !== undefined &&
      isEndKnown &&
      own.outcome !== 'reached' &&
      (cause === 'filtered-silently' || cause === 'udp-only-filtered') &&
      match.fix !== undefined && { fix: `on ${last.address} or behind it: ${match.fix}` }),
    alternatives: match.alternatives.filter((other) => !excluded.has(other)),
    // What was to be run has been.
    ...(trace !== undefined &&
      isEndKnown &&
      match.nextProbe !== undefined && { nextProbe: [...look, match.nextProbe].join('; ') }),
    decidedBy,
  }
}

/** Causes that leave open where it is that packets end. */
const placed: ReadonlySet<CauseCode> = new Set(['filtered-silently', 'udp-only-filtered', 'no-route', 'undetermined'])

/** Whether packets for another port come further than those of the silent one. */
function goesBeyond(other: PathTrace, last: Heard | undefined, seen: Seen): boolean {
  return heardOn(other, seen).some(({ ttl, says }) => says === undefined && ttl > (last?.ttl ?? 0))
}

function placeWords(own: PathTrace, last: Heard | undefined, beyond: PathTrace | undefined, seen: Seen): string {
  if (own.port === undefined) {
    if (own.outcome === 'reached') {
      return `the host answers ICMP echo, which asks no port${last === undefined ? '' : `, at hop ${last.ttl}`}`
    }
    return last === undefined
      ? 'a trace by ICMP echo, which asks no port, hears nobody'
      : `a trace by ICMP echo, which asks no port, hears ${lastWords(last, [own])}`
  }
  const to = `${own.port}${own.sent === 'udp' ? '/udp' : ''}`
  const heard =
    last === undefined ? `a trace to ${to} hears no hop` : `a trace to ${to} hears ${lastWords(last, [own])}`
  if (beyond === undefined) return heard
  const next = heardOn(beyond, seen).find(({ ttl }) => ttl > (last?.ttl ?? 0))
  // A service leaves a datagram that is no question to it unanswered, as a filter does.
  if (own.sent === 'udp' && next?.address === own.address) return `${heard} before the host`
  const whose = next?.address === own.address ? 'the host itself' : next?.address
  return `${heard}, where one ${beyond.port === undefined ? 'by ICMP echo' : `to ${beyond.port}`} goes on to hop ${next?.ttl}, ${whose}`
}
