import type { PathTrace } from '../model/observation.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import type { Heard, Paths } from './tracedPaths.ts'
import { heardOn, isAskedToItsEnd, isSilent, lastWords, pathsOf } from './tracedPaths.ts'
import { allowRule, captureAt, hostOf, listed, placeOf, verbOf } from './wording.ts'

/**
 * Causes that a traced path shows by itself: somebody on it said so, or it goes in circles. They come after what packets
 * show, which is the same said to the question itself.
 */
export const pathRules: readonly Rule[] = needing('path-trace', [
  { cause: 'admin-prohibited', match: prohibitedOnPath },
  { cause: 'no-route', match: noWayOnPath },
  { cause: 'no-route', match: circlesOnPath },
  { cause: 'no-route', match: endsForEveryPort },
])

/** Silence of a port while a trace that does not concern it is answered by the host. It comes after other comparisons. */
export const pathSilenceRules: readonly Rule[] = needing('path-trace', [
  { cause: 'filtered-silently', match: filteredBesideAnswer },
])

/** Whoever said on the path to the flow's own port that it goes no further. */
function wordOnPath(seen: Seen): { readonly paths: Paths; readonly own: PathTrace; readonly by: Heard } | undefined {
  const paths = pathsOf(seen)
  const own = paths?.own
  if (paths === undefined || own?.outcome !== 'stopped') return undefined
  const by = heardOn(own, seen).find(({ says }) => says !== undefined)
  // What forbids a packet has let one pass to itself before: the hop that it is is the first that it answered for.
  const first = by && heardOn(own, seen).find(({ address }) => address === by.address)
  return by === undefined ? undefined : { paths, own, by: { ...by, ttl: first?.ttl ?? by.ttl } }
}

function prohibitedOnPath(seen: Seen): Match | undefined {
  const word = wordOnPath(seen)
  if (word === undefined) return undefined
  const { flow, from, sameHostOpen } = seen
  const { paths, own, by } = word
  const { address } = paths
  const open = sameHostOpen.slice(0, 4)
  const byHost = by.address === address
  const fix = `on ${by.address}: ${allowRule(flow, { from, address })}`
  if (by.says === 'prohibited') {
    return {
      confidence: own.port === undefined ? 'possible' : 'certain',
      says: `${placeOf(flow)} is forbidden by ${byHost ? `${hostOf(flow)} itself` : by.address}, hop ${by.ttl} of the path, which tells a trace so (ICMP administratively prohibited)`,
      fix,
      alternatives: [],
      ...(own.port === undefined && { nextProbe: captureAt(address, flow.target) }),
      decidedBy: idsOf(paths.failed, [own]),
      ...(byHost && { owner: 'host' }),
    }
  }
  // Of what asks no port the word may be a rule for that alone.
  if (own.port === undefined) return undefined
  if (byHost) {
    return {
      confidence: 'likely',
      says: `${placeOf(flow)} is called unreachable by ${hostOf(flow)} itself, hop ${by.ttl} of the path, as it tells a trace: its own rules refuse the port`,
      fix,
      alternatives: ['refused-by-host'],
      nextProbe: captureAt(address, flow.target),
      decidedBy: idsOf(paths.failed, [own]),
      owner: 'host',
    }
  }
  // A host that is reached on another port is there: who calls it unreachable tells the ports apart.
  if (open.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} is called unreachable by ${by.address}, hop ${by.ttl} of the path, and ${listed(open.map(({ what }) => what))} on the same host ${open.length > 1 ? 'answer' : 'answers'}: that device forbids the port`,
    fix,
    alternatives: ['no-route'],
    nextProbe: `read the rules and the policy routes of ${by.address}`,
    decidedBy: idsOf(paths.failed, [own], open),
  }
}

function noWayOnPath(seen: Seen): Match | undefined {
  const word = wordOnPath(seen)
  if (word === undefined || seen.sameHostOpen.length > 0) return undefined
  const { paths, own, by } = word
  const { address } = paths
  // A host needs no way to itself.
  if (by.address === address) return undefined
  return {
    // Who forbids a whole host may use the same words; what asks no port may be forbidden alone.
    confidence: own.port === undefined ? 'possible' : 'likely',
    says: `${by.address}, hop ${by.ttl} of the path, has no way to ${placeOf(seen.flow)}, as it tells a trace`,
    fix: `add or mend the route of ${by.address} to ${address}, or bring the host up`,
    alternatives: ['admin-prohibited'],
    nextProbe: `read the route of ${by.address} to ${address}, and its table of neighbours`,
    decidedBy: idsOf(paths.failed, [own]),
  }
}

/** How often the same two must take turns: a path that is changed while it is traced repeats a hop once. */
const turns = 3

function circlesOnPath(seen: Seen): Match | undefined {
  const paths = pathsOf(seen)
  if (paths === undefined) return undefined
  const traces = [...(paths.own === undefined ? [] : [paths.own]), ...paths.others]
  for (const trace of traces) {
    const heard = heardOn(trace, seen)
    if (trace.outcome === 'reached') continue
    const often = [...new Set(heard.map(({ address }) => address))].filter(
      (address) => new Set(heard.filter((hop) => hop.address === address).map(({ ttl }) => ttl)).size >= turns,
    )
    if (often.length < 2) continue
    return {
      confidence: 'certain',
      says: `the way to ${placeOf(seen.flow)} does not end: ${listed(often)} send its packets to each other`,
      fix: `mend the routes of ${listed(often)} to ${paths.address}`,
      alternatives: [],
      nextProbe: `read the route of ${often[0]} to ${paths.address}`,
      decidedBy: idsOf(paths.failed, [trace]),
    }
  }
  return undefined
}

/**
 * Several ports of a host are silent, and packets for each of those that were traced end behind the same hop. Nothing of
 * the host was heard: whether its network, the host, or a rule for all of it is the reason stays open.
 */
function endsForEveryPort(seen: Seen): Match | undefined {
  const paths = pathsOf(seen)
  const { sameHostOpen, sameHostRefuses, sameHostSilent, comparableAnswers, otherSources, flow } = seen
  if (paths === undefined || seen.stop?.phase !== 'connect' || !isSilent(paths)) return undefined
  if (sameHostOpen.length + sameHostRefuses.length > 0 || sameHostSilent.length === 0) return undefined
  if (otherSources.some(({ outcome }) => outcome === 'connected')) return undefined
  // Who may go out only in part is kept in by a rule more often than by a route.
  if (flow.direction === 'outbound-internet') return undefined
  const traces = [...(paths.own === undefined ? [] : [paths.own]), ...paths.others]
  const end = endOf(traces, seen)
  if (end === undefined) return undefined
  const answering = comparableAnswers.slice(0, 3)
  const others = listed(answering.map((one) => `${one.port} on ${one.address}`))
  const silent = sameHostSilent.map(({ what }) => what)
  return {
    // Behind a hop that is silent in its time others may answer that were not asked any more.
    confidence: answering.length > 0 && traces.every(({ outcome }) => outcome === 'silent') ? 'likely' : 'possible',
    says: `${placeOf(flow)} is silent, and so ${verbOf(silent, 'is', 'are')} ${listed(silent)} of the same host; ${tracedWords(traces)} hears ${lastWords(end, traces)}${answering.length > 0 ? `; ${others} ${answering.length > 1 ? 'are' : 'is'} heard` : ''}`,
    fix: `on ${end.address} or behind it: add or mend the route to ${paths.address}, or bring the host up`,
    alternatives: ['filtered-silently'],
    nextProbe: `on ${end.address}: its route to ${paths.address}, whether the next hop of that answers, and its rules; ${captureAt(paths.address, flow.target)}`,
    decidedBy: [...new Set([...idsOf(paths.failed, answering, traces), ...sameHostSilent.map(({ id }) => id)])],
  }
}

/** The hop behind which nothing is heard, when it is the same for all of several ports, or of what asks none. */
function endOf(traces: readonly PathTrace[], seen: Seen): Heard | undefined {
  const isOfSeveral = traces.length > 1 || traces.some(({ port }) => port === undefined)
  if (!isOfSeveral || !traces.every(isAskedToItsEnd)) return undefined
  if (traces.some(({ outcome }) => outcome !== 'silent' && outcome !== 'cut-short')) return undefined
  const ends = traces.map((trace) => heardOn(trace, seen).at(-1))
  const [first] = ends
  return ends.every((end) => end?.ttl === first?.ttl && end?.address === first?.address) ? first : undefined
}

function tracedWords(traces: readonly PathTrace[]): string {
  const ports = traces.flatMap(({ port, sent }) =>
    port === undefined ? [] : [`${port}${sent === 'udp' ? '/udp' : ''}`],
  )
  return ports.length === 0
    ? 'a trace by ICMP echo'
    : `a trace to ${ports.length > 1 ? 'each of ' : ''}${listed(ports)}`
}

/** Nothing else of the host was asked, and the host answers a trace that the port has no part in. */
function filteredBesideAnswer(seen: Seen): Match | undefined {
  const paths = pathsOf(seen)
  if (paths === undefined || seen.stop?.phase !== 'connect' || !isSilent(paths)) return undefined
  const { flow, from } = seen
  const { address, own, others, failed } = paths
  const reached = [...(own?.port === undefined ? [own] : []), ...others].find((one) => one?.outcome === 'reached')
  if (reached === undefined || reached.reply === 'reset') return undefined
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} is silent, and the host answers ${reached.port === undefined ? 'ICMP echo' : `a SYN to ${reached.port}`}`,
    fix: allowRule(flow, { from, address }),
    alternatives: ['connection-limit'],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(failed, [reached]),
  }
}
