import type { UdpExchange } from '../model/observation.ts'
import { clocksOf, noticedSkewMs, offsetOf, serverOf, timeOf, toleratedSkewMs } from './clock.ts'
import { isToldByKerberos } from './clockHost.ts'
import type { Neighbour } from './neighbours.ts'
import { isOwn } from './observations.ts'
import { refusalUnheard } from './platformWords.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { allowRule, captureAt, duration, hostOf, listed, placeOf } from './wording.ts'

/** This machine's clock against those of unrelated organisations, where a time server was asked. */
export const skewRules: readonly Rule[] = [{ cause: 'clock-wrong', match: clockWrong }]

/** A time server that stays silent: NTP has no half over TCP by which its UDP could be judged. */
export const timeSilenceRules: readonly Rule[] = [
  { cause: 'udp-only-filtered', match: onlyUdpSilent },
  { cause: 'filtered-silently', match: silentOnPath },
]

/** What a time server says of itself, and how far it is from this machine. */
export const timeServiceRules: readonly Rule[] = [
  { cause: 'not-the-service', match: notTime },
  { cause: 'time-refused', match: refused },
  { cause: 'clock-unsynchronised', match: unsynchronised },
  { cause: 'clock-skew', match: skew },
]

/** A kiss code of a server whose own clock is not set yet; RATE is a wish, every other one a refusal (RFC 5905 §7.4). */
const unsetCodes: ReadonlySet<string> = new Set(['INIT', 'STEP'])
const wishCode = 'RATE'

function clockWrong(seen: Seen): Match | undefined {
  const own = ownOffset(seen)
  if (own === undefined || Math.abs(own.skewMs) <= toleratedSkewMs) return undefined
  const { by } = timeOf(seen)
  if (by.length < 2 || !by.some(({ skewMs }) => Math.sign(skewMs) === Math.sign(own.skewMs))) return undefined
  return {
    confidence: 'certain',
    says: `this machine's clock is ${duration(Math.abs(own.skewMs))} ${own.skewMs < 0 ? 'ahead' : 'behind'}: ${listed(by.map(serverOf))}, which have nothing in common, agree with each other and not with it`,
    fix: "set this machine's clock by its time source",
    alternatives: [],
    decidedBy: idsOf(
      [own.exchange],
      by.map(({ exchange }) => exchange),
    ),
  }
}

function ownOffset({ datagrams }: Seen): { readonly exchange: UdpExchange; readonly skewMs: number } | undefined {
  for (const exchange of datagrams.worked) {
    const skewMs = offsetOf(exchange)
    if (skewMs !== undefined) return { exchange, skewMs }
  }
  return undefined
}

/** The silent attempts of a question for the time, where every attempt was silent. */
function silenceOf({ stop, flow }: Seen): readonly UdpExchange[] {
  if (stop?.phase !== 'udp' || flow.target.service !== 'ntp') return []
  return stop.failed.every(({ outcome }) => outcome === 'timeout') ? stop.failed : []
}

function onlyUdpSilent(seen: Seen): Match | undefined {
  const { flow, address, sameHostOpen, sameHostRefuses } = seen
  const silent = silenceOf(seen)
  const open = sameHostOpen.slice(0, 4)
  const alive = open.length > 0 ? open : sameHostRefuses.slice(0, 4)
  if (silent.length === 0 || alive.length === 0) return undefined
  const isUnheard = silent.some((one) => one.refusalUnheard)
  const waitedMs = Math.min(...silent.map(({ ms }) => ms))
  const hasty = Math.max(...alive.map(({ ms }) => ms)) * 3 > waitedMs
  return {
    confidence: open.length > 0 && silent.length > 1 && !hasty && !isUnheard ? 'likely' : 'possible',
    says: `${placeOf(flow)} leaves ${silent.length > 1 ? `${silent.length} requests` : 'a request'} for the time unanswered; ${hostWords(alive, open.length > 0)}${isUnheard ? refusalUnheard : ''}`,
    fix: `${allowRule(flow, { from: seen.from, address })}; on ${hostOf(flow)}, see that its time service runs and may answer`,
    alternatives: [
      'silent-service',
      ...(isUnheard ? (['refused'] as const) : []),
      ...(silent.length > 1 ? [] : (['lossy-path'] as const)),
      ...(hasty ? (['high-latency'] as const) : []),
    ],
    nextProbe: `on ${hostOf(flow)}: w32tm /query /configuration, or chronyc serverstats; ${captureAt(address, flow.target)}`,
    decidedBy: [...idsOf(silent), ...alive.map(({ id }) => id)],
  }
}

function hostWords(neighbours: readonly Neighbour[], open: boolean): string {
  const many = new Set(neighbours.map(({ what }) => what)).size > 1
  const does = open ? (many ? 'answer' : 'answers') : many ? 'are refused at once' : 'is refused at once'
  return `${listed(neighbours.map(({ what }) => what))} on the same host ${does}`
}

function silentOnPath(seen: Seen): Match | undefined {
  const { flow, address, sameHostSilent } = seen
  const silent = silenceOf(seen)
  const others = seen.kinds['udp-exchange'].filter(
    (one) => !isOwn(one) && one.address !== address && one.time !== undefined,
  )
  // Other ports of the host are silent too: then the host may be off, or its network unreachable.
  if (silent.length === 0 || others.length === 0 || sameHostSilent.length > 0) return undefined
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} leaves a request for the time unanswered; ${listed(others.map((one) => one.address))} ${others.length > 1 ? 'answer' : 'answers'} the same`,
    fix: allowRule(flow, { from: seen.from, address }),
    alternatives: ['no-route', 'silent-service'],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(silent, others),
  }
}

function notTime({ datagrams, flow }: Seen): Match | undefined {
  const { worked } = datagrams
  const odd = worked.filter(({ time }) => time?.kind === 'unreadable' || time?.kind === 'not-ours')
  const why = odd.find(({ time }) => time?.kind === 'unreadable') ?? odd[0]
  if (odd.length < worked.length || (why?.time?.kind !== 'unreadable' && why?.time?.kind !== 'not-ours'))
    return undefined
  const foreign = why.time.kind === 'unreadable'
  return {
    confidence: foreign ? 'certain' : 'possible',
    says: foreign
      ? `${placeOf(flow)} speaks something else where NTP belongs: ${why.time.why}`
      : `${placeOf(flow)} answers NTP, and not our request: ${why.time.why}`,
    fix: `correct the port, what ${hostOf(flow)} has behind it, or the translation (NAT) that leads there`,
    alternatives: ['wrong-target-dnat'],
    nextProbe: `ask ${hostOf(flow)} itself what listens on ${flow.target.port ?? 123}/udp`,
    decidedBy: idsOf(odd),
  }
}

function refused({ datagrams, flow, from }: Seen): Match | undefined {
  const kisses = datagrams.worked.filter(
    ({ time }) => time?.kind === 'kiss' && time.code !== wishCode && !unsetCodes.has(time.code),
  )
  const time = kisses[0]?.time
  if (kisses.length === 0 || kisses.length < datagrams.worked.length || time?.kind !== 'kiss') return undefined
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} is reached, and gives this machine no time: kiss-o'-death ${time.code}${time.means === undefined ? '' : ` (${time.means})`}`,
    fix: `allow ${from} on the time server itself (chrony: allow, ntpd: restrict)`,
    alternatives: [],
    decidedBy: idsOf(kisses),
  }
}

function unsynchronised({ datagrams, flow }: Seen): Match | undefined {
  const unset = datagrams.worked.filter((one) => offsetOf(one) === undefined && says(one) !== undefined)
  const [first] = unset
  if (first === undefined || unset.length < datagrams.worked.length) return undefined
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} answers, and its own clock follows no source: ${says(first)}`,
    fix: `give ${hostOf(flow)} a time source, and a way to it on 123/udp`,
    alternatives: [],
    decidedBy: idsOf(unset),
  }
}

/** By what a server says that its clock is not set; undefined where it does not. */
function says({ time }: UdpExchange): string | undefined {
  if (time?.kind === 'kiss') return unsetCodes.has(time.code) ? `kiss-o'-death ${time.code}` : undefined
  if (time?.kind !== 'time') return undefined
  if (time.leap === 'unsynchronised') return `leap indicator 3, stratum ${time.stratum}`
  return time.stratum > 15 ? `stratum ${time.stratum}` : 'the answer holds no time'
}

function skew(seen: Seen): Match | undefined {
  const { flow } = seen
  const own = ownOffset(seen)
  if (own === undefined || Math.abs(own.skewMs) <= noticedSkewMs || isToldByKerberos(seen)) return undefined
  const others = clocksOf(seen).filter(
    ({ exchange }) => exchange.kind === 'http-exchange' || exchange.address !== own.exchange.address,
  )
  const ours = others.filter(({ skewMs }) => Math.abs(skewMs) <= noticedSkewMs)
  const far = Math.abs(own.skewMs) > toleratedSkewMs
  return {
    confidence: 'certain',
    says: `the clock of ${hostOf(flow)} is ${duration(Math.abs(own.skewMs))} ${own.skewMs < 0 ? 'behind' : 'ahead of'} this machine's, ${far ? 'more than the 5 min that Kerberos allows' : 'on the way to the 5 min that Kerberos allows'}${ours.length > 0 ? `; ${listed(ours.map(serverOf))} ${ours.length > 1 ? 'agree' : 'agrees'} with this machine` : ''}`,
    fix:
      ours.length > 0
        ? `set the clock of ${hostOf(flow)} by its time source`
        : 'give both ends the same time source, and find out by a third clock which of them is wrong',
    alternatives: ours.length > 0 ? [] : ['clock-wrong'],
    nextProbe: 'compare both with a third clock, such as a public time server',
    decidedBy: idsOf(
      [own.exchange],
      ours.map(({ exchange }) => exchange),
    ),
  }
}
