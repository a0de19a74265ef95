import type { ClientTimeout } from '../catalog/index.ts'
import { clientTimeoutOf, longRoundTrip } from '../catalog/index.ts'
import type { Observation, TcpConnect } from '../model/observation.ts'
import { isLocal } from './neighbours.ts'
import { isOwn } from './observations.ts'
import type { Rule } from './rule.ts'
import { idsOf, lessened } from './rule.ts'
import type { Seen } from './seen.ts'
import { seriesAt } from './series.ts'
import { captureAt, checkOf, duration, hostOf, placeOf, serviceOf } from './wording.ts'

/** So many that were measured alone, over some time, leave no room for chance. */
const enoughRoundTrips = 10

/** Causes that show in how often and how fast, not in whether. */
export const timeRules: readonly Rule[] = [
  {
    cause: 'undetermined',
    match: (seen) => {
      const { own, left } = endedAtOnce(seen)
      if (left.length === 0 || left.length < own.length) return undefined
      const { flow, address, from } = seen
      return {
        confidence: 'undetermined',
        says: `${placeOf(flow)} accepts the connection and ${wordsOfEnd(left)} at once, before anything is said${left.length > 1 ? `, ${left.length} times` : ''}: that a service is behind it is not proven`,
        alternatives: ['not-the-service', 'connection-limit', 'saturation', 'one-bad-node'],
        nextProbe: `on ${hostOf(flow)}: does ${serviceOf(flow.target)} run, and does it take ${from}? Then ${captureAt(address, flow.target)}`,
        decidedBy: idsOf(left),
      }
    },
  },
  {
    cause: 'one-bad-node',
    match: (seen) => {
      const { own, left } = endedAtOnce(seen)
      if (left.length === 0) return undefined
      const { flow } = seen
      return {
        confidence: 'possible',
        says: `${placeOf(flow)} takes the connection each time, and ${left.length} of ${own.length} times ${wordsOfEnd(left)} at once, before anything is said`,
        fix: `look at each node behind ${hostOf(flow)}`,
        alternatives: ['connection-limit', 'saturation'],
        nextProbe: `repeat over some minutes and count: ${checkOf(flow)} --watch`,
        decidedBy: idsOf(own),
      }
    },
  },
  {
    cause: 'idle-cut',
    match: (seen) => {
      const { stop, flow, address, kinds } = seen
      if (stop !== undefined) return undefined
      const held = kinds['tcp-connect'].flatMap(({ id, farewell, varies, ...one }) =>
        varies === 'idle' && one.address === address && one.port === flow.target.port && farewell?.heldMs !== undefined
          ? [{ id, heldMs: farewell.heldMs, outcome: farewell.outcome }]
          : [],
      )
      // Who leaves by itself, or resets, may be the server that has had enough: only a goodbye that nobody hears tells the path.
      const heard = held.filter(({ outcome }) => outcome === 'ended')
      const long = held.filter(({ outcome }) => outcome === 'silence')
      if (heard.length === 0 || long.length < 3 || heard.length + long.length < held.length) return undefined
      const heardMs = Math.max(...heard.map(({ heldMs }) => heldMs))
      const leastMs = Math.min(...long.map(({ heldMs }) => heldMs))
      // Of connections that were held alike none may have lived on: a time-out of the path is the same for all.
      if (leastMs < heardMs * 1.5) return undefined
      return {
        ...lessened(seen),
        confidence: 'likely',
        says: `${placeOf(flow)} answers a goodbye ${heardMs < 1000 ? 'at once' : `after ${duration(heardMs)} without a word`}, and none of ${long.length} after ${duration(leastMs)}${heardMs < 1000 ? ' without a word' : ' and more'}: connections that are quiet are forgotten on the way`,
        fix: 'raise the idle time-out for this flow over 300 s on every firewall and load balancer of the path, or turn on keep-alives',
        alternatives: ['silent-service'],
        nextProbe: `narrow the time down: ${checkOf(flow)} --idle ${Math.max(1, Math.round(leastMs / 1000))}`,
        decidedBy: idsOf(heard, long),
      }
    },
  },
  {
    cause: 'connection-limit',
    needs: 'wavering',
    match: ({ flow, wavering, rounds, address, connects, exchanges, handshakes }) => {
      if (wavering?.phase !== 'connect') return undefined
      const [one, other] = rounds
      if (one === undefined || other === undefined || rounds.length > 2) return undefined
      const first = standing(one.crowd)
      if (first === undefined || first !== standing(other.crowd)) return undefined
      if (rounds.some(({ alone }) => alone.outcome !== 'connected')) return undefined
      const crowd = rounds.flatMap((round) => round.crowd)
      // A server that is slow to accept has a queue of a fixed length, and its kernel drops what does not fit without a word.
      const isSlow = isLocal(address) || [...exchanges.failed, ...handshakes.failed].some(isTimeout)
      if (isSlow && crowd.some(isTimeout)) return undefined
      return {
        confidence: 'likely',
        says: `${placeOf(flow)} takes the first ${first} of ${one.crowd.length} connections at once, twice, and one alone before each of the two`,
        fix: `raise the limit of connections of one source on the firewall, the load balancer or ${hostOf(flow)} itself`,
        alternatives: ['saturation'],
        nextProbe: 'read the counter of the limit on each firewall on the path',
        decidedBy: idsOf(wavering.failed, connects.worked, ...rounds.map((round) => [round.alone, ...round.crowd])),
      }
    },
  },
  {
    cause: 'one-bad-node',
    needs: 'wavering',
    match: ({ flow, wavering }) => {
      if (wavering === undefined || isSilence(wavering.failed)) return undefined
      return {
        confidence: 'possible',
        says: `${placeOf(flow)} ${countOf(wavering)}: it fails with an answer, not by loss`,
        fix: `look at each node behind ${hostOf(flow)}`,
        alternatives: ['connection-limit', 'saturation'],
        nextProbe: `repeat over some minutes and count: ${checkOf(flow)} --watch`,
        decidedBy: idsOf(wavering.failed, wavering.worked),
      }
    },
  },
  {
    cause: 'saturation',
    needs: 'wavering',
    match: ({ flow, wavering, address }) => {
      // Between a machine and itself nothing is lost: who is there has more to do than it can.
      if (wavering === undefined || !isSilence(wavering.failed) || !isLocal(address)) return undefined
      return {
        confidence: 'possible',
        says: `${placeOf(flow)} ${countOf(wavering)}; the others ran to their limit, and no path is between`,
        fix: `look at what ${hostOf(flow)} is busy with, and how many connections it lets wait`,
        alternatives: ['connection-limit', 'one-bad-node'],
        nextProbe: 'the same with --concurrency 1',
        decidedBy: idsOf(wavering.failed, wavering.worked),
      }
    },
  },
  {
    cause: 'lossy-path',
    needs: 'wavering',
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
    match: (seen) => {
      const { flow, stop, wavering, address, connects, handshakes, exchanges } = seen
      if (stop !== undefined || wavering !== undefined || isLocal(address)) return undefined
      // One slow phase is a lost packet or a busy server; a long way shows in each round trip alike. For as long as this
      // process did not look, nobody knows what had come already.
      const trips = [
        ...[...connects.worked, ...handshakes.worked].map(({ ms, ownLagMs = 0 }) => ms - ownLagMs),
        // The lag of an exchange is that of all of it, down to the last octet: how much of it came before the first one
        // is not known. The connection below it was timed by itself, and lets no lag of ours pass for a long way.
        ...exchanges.worked.flatMap(({ firstByteMs }) => firstByteMs ?? []),
      ]
      // The kernel of the other end answers a SYN, however busy its services are.
      const measured = seriesAt(seen).filter(({ asked }) => asked === 'loss')
      trips.push(...measured.flatMap(({ roundTripMs }) => roundTripMs?.least ?? []))
      if (trips.length < 2 || trips.some((ms) => ms < longRoundTrip.roundTripMs)) return undefined
      const isMeasured = measured.some(({ prompt }) => prompt >= enoughRoundTrips)
      const lost = measured.reduce((sum, one) => sum + one.repeated + one.lost, 0)
      const leastMs = Math.min(...trips)
      const client = clientTimeoutOf(flow.target.service, flow.target.name)
      const near = client !== undefined && comesNear(client, leastMs)
      return {
        confidence: isMeasured ? 'certain' : trips.length > 2 ? 'likely' : 'possible',
        says: `every round trip to ${placeOf(flow)} takes ${duration(leastMs)} or more${lost === 0 ? ', and none was lost' : ''}${client === undefined ? '' : waitWords(client, near)}`,
        fix: `raise ${near && client.setting !== undefined ? client.setting : 'the time-outs of the services that use this path'}; a WAN optimiser must leave TLS alone`,
        alternatives: ['saturation'],
        nextProbe: isMeasured
          ? `repeat over an hour: ${checkOf(flow)} --watch`
          : `measure it alone: ${checkOf(flow)} --loss 100`,
        decidedBy: idsOf(connects.worked, handshakes.worked, exchanges.worked, measured),
      }
    },
  },
]

/** Half of the wait is gone by the way alone: what the server needs, or one packet that is lost, can take the rest. */
function comesNear({ waitMs, roundTrips }: ClientTimeout, roundTripMs: number): boolean {
  return roundTripMs * roundTrips >= waitMs / 2
}

function waitWords({ waits, waitMs, roundTrips }: ClientTimeout, near: boolean): string {
  return `; ${near ? 'that comes near ' : ''}the ${duration(waitMs)} that ${waits}${near ? ', which' : ''} are used up from ${duration(waitMs / roundTrips)} a round trip on`
}

function isSilence(failed: readonly Observation[]): boolean {
  return failed.every(isTimeout)
}

function isTimeout(one: Observation): boolean {
  return 'outcome' in one && one.outcome === 'timeout'
}

/** The flow's own connections, where nothing is said on them, and those that the other end left within a moment. */
function endedAtOnce({ stop, wavering, furthest, connects }: Seen): {
  readonly own: readonly TcpConnect[]
  readonly left: readonly TcpConnect[]
} {
  if (stop !== undefined || wavering !== undefined || furthest !== 'connect') return { own: [], left: [] }
  const own = connects.worked.filter(isOwn)
  return { own, left: own.filter(({ farewell }) => farewell?.bytesIn === 0 && farewell.bytesOut === 0) }
}

function wordsOfEnd(left: readonly TcpConnect[]): string {
  return left.some(({ farewell }) => farewell?.outcome === 'reset') ? 'resets it' : 'ends it'
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
