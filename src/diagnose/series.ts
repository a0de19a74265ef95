import type { ConnectSeries } from '../model/observation.ts'
import { missedOf } from '../model/observation.ts'
import { shareRange } from '../model/shareRange.ts'
import { isLocal } from './neighbours.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, lessened } from './rule.ts'
import type { Seen } from './seen.ts'
import { checkOf, duration, hostOf, placeOf } from './wording.ts'

/** Of a path in order hardly a packet is lost: above this share connections begin to wait (a hundredth). */
const mostLoss = 0.01
/** A loss spread over time shows in so many tenths of it; one short outage does not. */
const leastTenths = 3
/** Of new connections so many have to miss, beyond chance, before a pace is called too quick (a twentieth). */
const mostMissed = 0.05

/** Causes that connections at a steady pace show. */
export const seriesRules: readonly Rule[] = [
  {
    cause: 'saturation',
    match: (seen) =>
      isLocal(seen.address)
        ? (lossOf(seen, {
            fix: `look at what ${hostOf(seen.flow)} is busy with, and how many connections it lets wait`,
            alternatives: ['connection-limit'],
            nextProbe: 'the same with --concurrency 1',
          }) ??
          limitOf(seen, {
            fix: `look at how quickly the service on ${hostOf(seen.flow)} takes connections, and how many it lets wait`,
            alternatives: ['connection-limit'],
          }))
        : undefined,
  },
  {
    cause: 'lossy-path',
    match: (seen) =>
      isLocal(seen.address)
        ? undefined
        : lossOf(seen, {
            fix: 'look for errors and full queues on the links of this path',
            alternatives: ['connection-limit', 'saturation'],
            nextProbe: `mtr -T -P ${seen.flow.target.port ?? 443} ${seen.address ?? hostOf(seen.flow)} over some minutes`,
          }),
  },
  {
    cause: 'connection-limit',
    match: (seen) =>
      isLocal(seen.address)
        ? undefined
        : limitOf(seen, {
            fix: `raise the limit of new connections a second of one source on the firewall, the load balancer or ${hostOf(seen.flow)} itself, or let what opens them keep them open`,
            alternatives: ['saturation'],
          }),
  },
]

/** The series at the flow's own place, the slowest pace first. */
export function seriesAt({ kinds, address, flow }: Seen): readonly ConnectSeries[] {
  return kinds['connect-series']
    .filter((one) => one.address === address && one.port === flow.target.port && one.sent > 0)
    .toSorted((one, other) => one.perSecond - other.perSecond)
}

type Advice = Pick<Match, 'fix' | 'alternatives' | 'nextProbe'>

function lossOf(seen: Seen, advice: Advice): Match | undefined {
  const { stop, flow } = seen
  const series = seriesAt(seen).find(({ asked }) => asked === 'loss')
  if (stop !== undefined || series === undefined) return undefined
  const { sent, repeated, lost, missedByTenth, ms } = series
  const missed = repeated + lost
  const { least } = shareRange(missed, sent)
  const tenths = missedByTenth.filter((count) => count > 0).length
  if (least <= mostLoss || tenths < leastTenths) return undefined
  return {
    confidence: 'likely',
    says: `of ${sent} connections to ${placeOf(flow)}, one by one over ${duration(ms)}, ${missedWords(series)}: packets are lost all the time, of more than ${percent(least)} of them`,
    ...advice,
    decidedBy: idsOf([series]),
  }
}

/**
 * A pace up to which hardly anything misses, and from which on many do. One pace between them may be neither, for it is
 * close to the limit.
 */
function limitOf(seen: Seen, advice: Advice): Match | undefined {
  const { stop, flow } = seen
  if (stop !== undefined) return undefined
  const paces = seriesAt(seen)
  const isTooQuick = (one: ConnectSeries): boolean => shareRange(missedOf(one), one.sent).least > mostMissed
  const first = paces.findIndex(isTooQuick)
  const unclean = paces.findIndex((one) => missedOf(one) > one.sent * mostLoss)
  const [slower, quicker] = [paces[unclean - 1], paces[first]]
  if (slower === undefined || quicker === undefined) return undefined
  if (first - unclean > 1 || !paces.slice(first).every(isTooQuick)) return undefined
  // What misses now and then at every pace is lost, and not counted by anybody: the two have to differ beyond chance.
  const clean = paces.slice(0, unclean)
  const usual = shareRange(sum(clean.map(missedOf)), sum(clean.map(({ sent }) => sent)))
  if (shareRange(missedOf(quicker), quicker.sent).least <= usual.most) return undefined
  return {
    ...lessened(seen),
    confidence: 'likely',
    says: `${placeOf(flow)} takes ${slower.perSecond} new connections a second, and of ${quicker.perSecond} a second ${missedWords(quicker)}, of ${quicker.sent}`,
    ...advice,
    nextProbe: `narrow it down: ${checkOf(flow)} --rate ${quicker.perSecond}, and read the counters of the limit on each firewall on the path`,
    decidedBy: idsOf(paces),
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0)
}

/** `12 had to send their SYN again, 3 got no answer at all and 2 were refused`. */
function missedWords({ repeated, lost, refused }: ConnectSeries): string {
  const words = [
    ...(repeated > 0 ? [`${repeated} had to send the SYN again`] : []),
    ...(lost > 0 ? [`${lost} got no answer`] : []),
    ...(refused > 0 ? [`${refused} ${refused === 1 ? 'was' : 'were'} refused`] : []),
  ]
  const last = words.pop() ?? 'none missed'
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`
}
