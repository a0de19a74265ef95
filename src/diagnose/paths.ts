import type { CauseCode } from '../model/cause.ts'
import type { PathTrace } from '../model/observation.ts'
import type { PathHop } from '../model/pathHop.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import { allowRule, captureAt, hostOf, listed, placeOf } from './wording.ts'

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

/** A hop that somebody on the way answered for. */
type Heard = PathHop & { readonly address: string }

/** What was traced to the address of a flow that failed without an answer. */
interface Paths {
  readonly failed: readonly { readonly id: string; readonly outcome: string; readonly ms: number }[]
  readonly address: string
  /** To the flow's own port, or by what asks none. */
  readonly own: PathTrace | undefined
  /** To other ports of the same address. */
  readonly others: readonly PathTrace[]
}

function pathsOf({ stop, kinds, address, flow }: Seen): Paths | undefined {
  if (stop?.phase !== 'connect' && stop?.phase !== 'udp' && stop?.phase !== 'dns') return undefined
  const traces = kinds['path-trace'].filter((one) => one.address === address)
  if (address === undefined || traces.length === 0) return undefined
  const { port, transport } = flow.target
  const own = traces.find((one) => one.port === port && (one.sent === 'udp') === (transport === 'udp'))
  const portless = traces.find((one) => one.port === undefined)
  return {
    failed: stop.failed,
    address,
    own: own ?? portless,
    others: traces.filter((one) => one !== own && one !== portless),
  }
}

/** Who answered on the way, nearest first; this machine's own word is none of the way's. */
function heardOn({ hops, address }: PathTrace, { kinds }: Seen): readonly Heard[] {
  const here = new Set(kinds['tcp-connect'].flatMap(({ localAddress }) => localAddress ?? []))
  return hops.filter(
    (hop): hop is Heard => hop.address !== undefined && (hop.address === address || !here.has(hop.address)),
  )
}

/** Whether anybody answered on any path that was traced: then packets leave this machine, and some come back. */
export function isAnyHopHeard(seen: Seen): boolean {
  return seen.kinds['path-trace'].some((trace) => heardOn(trace, seen).length > 0)
}

const isSilent = ({ failed }: Paths): boolean => failed.every(({ outcome }) => outcome === 'timeout')
const hopWords = ({ ttl, address }: Heard): string => `hop ${ttl}, ${address}`

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
      confidence: 'certain',
      says: `${placeOf(flow)} is forbidden by ${byHost ? `${hostOf(flow)} itself` : by.address}, hop ${by.ttl} of the path, which tells a trace so (ICMP administratively prohibited)`,
      fix,
      alternatives: [],
      decidedBy: idsOf(paths.failed, [own]),
      ...(byHost && { owner: 'host' }),
    }
  }
  // A host that is reached on another port is there: who calls it unreachable tells the ports apart.
  if (open.length === 0 || byHost || own.port === undefined) return undefined
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
  return {
    // Who forbids a whole host may use the same words.
    confidence: 'likely',
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
  return {
    confidence: answering.length > 0 ? 'likely' : 'possible',
    says: `${placeOf(flow)} is silent, and so is ${listed(sameHostSilent.map(({ what }) => what))} of the same host; ${tracedWords(traces)} hears ${hopWords(end)}, as the last${answering.length > 0 ? `; ${others} ${answering.length > 1 ? 'are' : 'is'} heard` : ''}`,
    fix: `on ${end.address} or behind it: add or mend the route to ${paths.address}, or bring the host up`,
    alternatives: ['filtered-silently'],
    nextProbe: `on ${end.address}: its route to ${paths.address}, whether the next hop of that answers, and its rules; ${captureAt(paths.address, flow.target)}`,
    decidedBy: [...new Set([...idsOf(paths.failed, answering, traces), ...sameHostSilent.map(({ id }) => id)])],
  }
}

/** The hop behind which nothing is heard, when it is the same for all of several ports, or of what asks none. */
function endOf(traces: readonly PathTrace[], seen: Seen): Heard | undefined {
  const isOfSeveral = traces.length > 1 || traces.some(({ port }) => port === undefined)
  if (!isOfSeveral || traces.some(({ outcome }) => outcome !== 'silent' && outcome !== 'cut-short')) return undefined
  const ends = traces.map((trace) => heardOn(trace, seen).at(-1))
  const [first] = ends
  return ends.every((end) => end?.ttl === first?.ttl && end?.address === first?.address) ? first : undefined
}

function tracedWords(traces: readonly PathTrace[]): string {
  const ports = traces.flatMap(({ port }) => (port === undefined ? [] : [String(port)]))
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

/**
 * Adds where packets end to what is said of a silent port. A hop that is silent while later ones answer is not held
 * against anybody; neither is the last that answers: its own rules may drop what it would pass on, or whoever is next.
 */
export function withPlace(cause: CauseCode, match: Match, seen: Seen): Match {
  const paths = seen.kinds['path-trace'].length === 0 ? undefined : pathsOf(seen)
  if (paths?.own === undefined || !isSilent(paths) || !placed.has(cause)) return match
  if (match.decidedBy.includes(paths.own.id)) return match
  const { own, others } = paths
  const heard = heardOn(own, seen)
  const last = heard.at(-1)
  const beyond = others.find((one) => goesBeyond(one, last, seen))
  const decidedBy = idsOf(
    match.decidedBy.map((id) => ({ id })),
    [own],
    beyond === undefined ? [] : [beyond],
  )
  if (own.outcome === 'reached' && own.port !== undefined) {
    // The same port answers another packet: what drops some of them is no rule for the port.
    return {
      ...match,
      ...(cause !== 'undetermined' && { confidence: 'possible' }),
      says: `${match.says}; a trace to the same port is answered by the address itself`,
      alternatives: [...match.alternatives, 'lossy-path', 'connection-limit'],
      decidedBy,
    }
  }
  const excluded = new Set<string>([
    ...(last === undefined ? [] : ['no-local-network']),
    ...(own.outcome === 'reached' || (beyond?.outcome === 'reached' && beyond.reply !== 'reset') ? ['no-route'] : []),
  ])
  const isPort = cause === 'filtered-silently' && beyond !== undefined && beyond.reply !== 'reset'
  const isHasty = match.alternatives.includes('high-latency')
  return {
    ...match,
    ...(isPort && !isHasty && { confidence: 'likely' }),
    says: `${match.says}; ${placeWords(own, last, beyond, seen)}`,
    ...(last !== undefined &&
      own.outcome !== 'reached' &&
      (cause === 'filtered-silently' || cause === 'udp-only-filtered') &&
      match.fix !== undefined && { fix: `on ${last.address} or behind it: ${match.fix}` }),
    alternatives: match.alternatives.filter((other) => !excluded.has(other)),
    ...(match.nextProbe !== undefined && { nextProbe: nextAfterTrace(match.nextProbe, last, own.address) }),
    decidedBy,
  }
}

/** What was to be run has been. */
function nextAfterTrace(nextProbe: string, last: Heard | undefined, address: string): string {
  const [first = '', ...rest] = nextProbe.split('; ')
  if (!first.startsWith('traceroute -T ')) return nextProbe
  const look = last === undefined ? [] : [`on ${last.address}: its route to ${address}, and its rules`]
  return [...look, ...rest].join('; ')
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
      : `a trace by ICMP echo, which asks no port, hears ${hopWords(last)}, as the last`
  }
  const to = `${own.port}${own.sent === 'udp' ? '/udp' : ''}`
  const heard =
    last === undefined
      ? `a trace to ${to} hears no hop`
      : `a trace to ${to} hears ${hopWords(last)}, as the last${own.outcome === 'cut-short' ? ' in its time' : ''}`
  if (beyond === undefined) return heard
  const next = heardOn(beyond, seen).find(({ ttl }) => ttl > (last?.ttl ?? 0))
  // A service leaves a datagram that is no question to it unanswered, as a filter does.
  if (own.sent === 'udp' && next?.address === own.address) return `${heard} before the host`
  const whose = next?.address === own.address ? 'the host itself' : next?.address
  return `${heard}, where one to ${beyond.port} goes on to hop ${next?.ttl}, ${whose}`
}
