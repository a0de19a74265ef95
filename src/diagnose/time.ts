import type { Observation, TcpConnect } from '../model/observation.ts'
import { isLocal } from './neighbours.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import { duration, hostOf, placeOf } from './wording.ts'

/** Half of a second: geostationary links take that long, no wired path does. In milliseconds. */
const longRoundTripMs = 500

/** Causes that show in how often and how fast, not in whether. */
export const timeRules: readonly Rule[] = [
  {
    cause: 'idle-cut',
    match: ({ stop, flow, address, kinds }) => {
      if (stop !== undefined) return undefined
      const held = kinds['tcp-connect'].flatMap(({ id, farewell, varies, ...one }) =>
        varies === 'idle' && one.address === address && one.port === flow.target.port && farewell?.heldMs !== undefined
          ? [{ id, heldMs: farewell.heldMs, outcome: farewell.outcome }]
          : [],
      )
      const [shortest] = held.toSorted((a, b) => a.heldMs - b.heldMs)
      // Who leaves by itself, or resets, may be the server that has had enough: only a goodbye that nobody hears tells the path.
      const long = held.filter((one) => one !== shortest && one.outcome === 'silence')
      if (shortest?.outcome !== 'ended' || long.length < 3 || long.length < held.length - 1) return undefined
      const leastMs = Math.min(...long.map(({ heldMs }) => heldMs))
      if (leastMs < shortest.heldMs * 2) return undefined
      return {
        confidence: 'likely',
        says: `${placeOf(flow)} answers a goodbye at once, and none of ${long.length} after ${duration(leastMs)} without a word: connections that are quiet are forgotten on the way`,
        fix: 'raise the idle time-out for this flow over 300 s on every firewall and load balancer of the path, or turn on keep-alives',
        alternatives: ['silent-service'],
        nextProbe: `narrow the time down: postern check --flow ${flow.flow} --hold ${Math.max(1, Math.round(leastMs / 2000))}`,
        decidedBy: idsOf([shortest], long),
      }
    },
  },
  {
    cause: 'connection-limit',
    match: ({ flow, wavering, crowd, connects }) => {
      if (wavering?.phase !== 'connect') return undefined
      const size = crowd.length / 2
      const first = standing(crowd.slice(0, size))
      if (first === undefined || first !== standing(crowd.slice(size))) return undefined
      return {
        confidence: 'likely',
        says: `${placeOf(flow)} takes the first ${first} of ${size} connections at once, twice, and one by one they work`,
        fix: `raise the limit of connections of one source on the firewall, the load balancer or ${hostOf(flow)} itself`,
        alternatives: ['saturation'],
        nextProbe: 'read the counter of the limit on each firewall on the path',
        decidedBy: idsOf(wavering.failed, connects.worked, crowd),
      }
    },
  },
  {
    cause: 'one-bad-node',
    match: ({ flow, wavering }) => {
      if (wavering === undefined || isSilence(wavering.failed)) return undefined
      return {
        confidence: 'possible',
        says: `${placeOf(flow)} ${countOf(wavering)}: it fails with an answer, not by loss`,
        fix: `look at each node behind ${hostOf(flow)}`,
        alternatives: ['connection-limit', 'saturation'],
        nextProbe: 'repeat over some minutes and count: postern check --watch',
        decidedBy: idsOf(wavering.failed, wavering.worked),
      }
    },
  },
  {
    cause: 'lossy-path',
    match: ({ flow, wavering, address }) => {
      if (wavering === undefined || !isSilence(wavering.failed)) return undefined
      return {
        confidence: 'possible',
        says: `${placeOf(flow)} ${countOf(wavering)}; the others ran to their limit`,
        fix: 'look for errors and full queues on the links of this path',
        alternatives: ['one-bad-node', 'connection-limit', 'saturation'],
        nextProbe: `mtr -T -P ${flow.target.port ?? 443} ${address ?? hostOf(flow)} over some minutes`,
        decidedBy: idsOf(wavering.failed, wavering.worked),
      }
    },
  },
  {
    cause: 'high-latency',
    match: ({ flow, stop, wavering, address, connects, handshakes, exchanges }) => {
      if (stop !== undefined || wavering !== undefined || isLocal(address)) return undefined
      // One slow phase is a lost packet or a busy server; a long way shows in each round trip alike.
      const trips = [
        ...connects.worked.map(({ ms }) => ms),
        ...handshakes.worked.map(({ ms }) => ms),
        ...exchanges.worked.flatMap(({ firstByteMs }) => (firstByteMs === undefined ? [] : [firstByteMs])),
      ]
      if (trips.length < 2 || trips.some((ms) => ms < longRoundTripMs)) return undefined
      return {
        confidence: trips.length > 2 ? 'likely' : 'possible',
        says: `every round trip to ${placeOf(flow)} takes ${duration(Math.min(...trips))} or more, and none was lost`,
        fix: 'raise the time-outs of the services that use this path; a WAN optimiser must leave TLS alone',
        alternatives: ['saturation'],
        nextProbe: 'repeat over an hour: postern check --watch',
        decidedBy: idsOf(connects.worked, handshakes.worked, exchanges.worked),
      }
    },
  },
]

function isSilence(failed: readonly Observation[]): boolean {
  return failed.every((one) => 'outcome' in one && one.outcome === 'timeout')
}

function countOf({
  worked,
  failed,
}: {
  readonly worked: readonly unknown[]
  readonly failed: readonly unknown[]
}): string {
  return `works in ${worked.length} of ${worked.length + failed.length} attempts`
}

/** How many of a round stand, where those are the first of it: what fails by chance, or by turns, fails in between as well. */
function standing(round: readonly TcpConnect[]): number | undefined {
  const count = round.findIndex(({ outcome }) => outcome !== 'connected')
  if (count < 1) return undefined
  return round.slice(count).every(({ outcome }) => wordsOfLimit.has(outcome)) ? count : undefined
}

const wordsOfLimit: ReadonlySet<TcpConnect['outcome']> = new Set(['timeout', 'refused', 'reset', 'host-unreachable'])
