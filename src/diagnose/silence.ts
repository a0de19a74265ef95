import type { CauseCode } from '../model/cause.ts'
import type { Farewell, ServiceExchange, TcpConnect, TlsHandshake } from '../model/observation.ts'
import type { Stop } from './attempts.ts'
import { areUnrelated } from './names.ts'
import { isLocal } from './neighbours.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, duration, hostOf, listed, placeOf } from './wording.ts'

/** Causes of one symptom: the connection stands, and to what is said on it not one octet comes back. */
export const silenceRules: readonly Rule[] = [
  { cause: 'asymmetric-path', match: asymmetricPath },
  { cause: 'payload-dropped', match: payloadDropped },
  { cause: 'pmtu-black-hole', match: pmtuBlackHole },
]

type Left = TcpConnect & { readonly farewell: Farewell }

/** A question that was taken and not answered, each time, and how connections on which next to nothing was said came to their end. */
interface Silence {
  readonly silent: readonly { readonly id: string; readonly ms: number }[]
  /** Left without a word. */
  readonly wordless: readonly Left[]
  /** Left after a short question, whose answer is as short. */
  readonly brief: readonly Left[]
  /** Handshakes and questions of the same host that were answered, on any port: payload passes to it and back. */
  readonly carried: readonly (TlsHandshake | ServiceExchange)[]
}

function silenceOf(seen: Seen): Silence | undefined {
  const { stop, furthest } = seen
  if (stop?.phase !== 'tls' && stop?.phase !== 'service' && stop?.phase !== 'http') return undefined
  if (furthest === 'tls') return undefined
  const tried: readonly (typeof stop.failed)[number][] = stop.failed
  const silent = tried.filter(({ outcome, bytesIn = 0 }) => outcome === 'timeout' && bytesIn === 0)
  if (silent.length === 0 || silent.length < tried.length) return undefined
  return {
    silent,
    ...littleSaidAt(seen),
    carried: carriedFrom(seen),
  }
}

function carriedFrom({ kinds, address }: Seen): Silence['carried'] {
  return [...kinds['tls-handshake'], ...kinds['service-exchange']].filter(
    (one) => one.address === address && one.through === undefined && one.bytesIn > 0,
  )
}

/** Whether a full packet of the flow's host arrived, so that the path to it does not lose them. */
export function isFullPacketHeard(seen: Seen): boolean {
  return carriedFrom(seen).some(({ bytesIn }) => bytesIn > fullPacket)
}

/** Connections to the flow's own port that were left again with next to nothing said on them. */
export function littleSaidAt({ kinds, address, flow }: Seen): Pick<Silence, 'wordless' | 'brief'> {
  const left = kinds['tcp-connect'].filter(
    (one): one is Left =>
      one.address === address &&
      one.port === flow.target.port &&
      one.farewell !== undefined &&
      one.farewell.heldMs === undefined &&
      one.farewell.outcome !== 'aborted',
  )
  return {
    wordless: left.filter(({ farewell }) => farewell.bytesOut === 0),
    brief: left.filter(({ farewell }) => farewell.bytesOut > 0),
  }
}

/** Whether the other end left as well, or said something. */
export const isAnswered = ({ farewell: { outcome, bytesIn } }: Left): boolean =>
  outcome === 'ended' || outcome === 'reset' || bytesIn > 0
const isLost = ({ farewell }: Left): boolean => farewell.outcome === 'lost'
const isUnheard = ({ farewell }: Left): boolean => farewell.outcome === 'silence' && farewell.bytesIn === 0

/** All of a list, which has some. */
function each<T>(list: readonly T[], is: (one: T) => boolean): boolean {
  return list.length > 0 && list.every(is)
}

const waited = (silent: Silence['silent']): string => duration(Math.max(...silent.map(({ ms }) => ms)))

/**
 * The connection was accepted, and then not even the kernel at the other end acknowledges that it lives: our packets no
 * longer arrive there, however small. Who hangs would acknowledge, and who drops payload lets the empty packets pass.
 */
function asymmetricPath(seen: Seen): Match | undefined {
  const silence = silenceOf(seen)
  if (silence === undefined || !each(silence.wordless, isLost) || silence.brief.some(isAnswered)) return undefined
  if (silence.carried.length > 0) return undefined
  const { flow, address } = seen
  const { silent, wordless, brief } = silence
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} accepts the connection, and from then on nothing passes, small as it may be: no answer within ${waited(silent)}, and a keep-alive is not acknowledged`,
    fix: 'make both directions pass the same firewall, or translate the source on it; until then look for a counter of invalid packets there',
    alternatives: ['payload-dropped', 'filtered-silently'],
    nextProbe: `${captureAt(address, flow.target)}: answers that arrive, and acknowledgements that do not, tell it`,
    decidedBy: idsOf(silent, wordless, brief),
  }
}

/** Empty packets pass, and who is there says goodbye; a question of few octets is lost like every other. */
function payloadDropped(seen: Seen): Match | undefined {
  const silence = silenceOf(seen)
  if (silence === undefined || !each(silence.wordless, isAnswered) || !each(silence.brief, isUnheard)) return undefined
  const { flow, address } = seen
  const { silent, wordless, brief } = silence
  const octets = Math.max(...brief.map(({ farewell }) => farewell.bytesOut))
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} accepts the connection and says goodbye when we do, and whatever carries payload is lost, a question of ${octets} octets as well`,
    fix: `exempt ${seen.from} to ${hostOf(flow)} from the intrusion prevention that drops the content`,
    alternatives: ['silent-service'],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(silent, wordless, brief),
  }
}

/**
 * What is answered in few octets is answered; what is answered in a full packet is not. One such place may be a server
 * that cannot finish its handshake, or a filter of its name: only the silence of an unrelated one makes it the path.
 */
function pmtuBlackHole(seen: Seen): Match | undefined {
  const silence = silenceOf(seen)
  const { stop } = seen
  if (silence === undefined || stop === undefined || !wantsFullPacket(stop)) return undefined
  // Between a machine and itself no packet is too large for the path.
  if (isLocal(seen.address) || seen.from === seen.address) return undefined
  const { silent, wordless, brief, carried } = silence
  const isTls = stop.phase === 'tls'
  if (wordless.some((one) => !isAnswered(one))) return undefined
  const refused = brief.filter(({ farewell: { bytesIn } }) => bytesIn > 0 && bytesIn < smallAnswer)
  // Who leaves what it must refuse without a word may still ask for another hello (RFC 8446 §4.1.4), in few octets.
  const retried = carried.filter(
    (one) =>
      one.kind === 'tls-handshake' &&
      one.port === seen.flow.target.port &&
      one.outcome === 'timeout' &&
      one.bytesIn < smallAnswer,
  )
  const isRefused = refused.length > 0 && refused.length === brief.length
  if (!isRefused && (!isTls || retried.length === 0 || !each(brief, isAnswered))) return undefined
  const heard = isRefused ? refused : retried
  if (isFullPacketHeard(seen)) return undefined
  const { flow, address, otherServerNames } = seen
  // Of questions in the clear no other place is known that is silent to the same.
  const others = isTls ? alsoSilent(seen) : []
  const answered = Math.max(
    ...(isRefused ? refused.map(({ farewell }) => farewell.bytesIn) : retried.map(({ bytesIn }) => bytesIn)),
  )
  const what = !isTls
    ? 'a question that it cannot read'
    : isRefused
      ? 'a ClientHello that it must refuse'
      : 'a long ClientHello by the wish for another one'
  const named = isTls && stop.failed.some(({ serverName }) => serverName !== undefined)
  const byName: readonly CauseCode[] = otherServerNames.length > 0 || !named ? [] : ['sni-filter']
  return {
    confidence: others.length > 0 ? 'likely' : 'possible',
    says: `${placeOf(flow)} answers ${what} (${answered} octets), and leaves unanswered the one whose answer fills a packet (${waited(silent)})${others.length > 0 ? `; ${listed(others.map((one) => `${one.port} on ${one.address}`))} ${others.length > 1 ? 'are' : 'is'} silent to a ClientHello as well` : ''}`,
    fix: 'let ICMP fragmentation-needed (type 3, code 4) pass every filter on the way, or clamp the MSS where the path narrows',
    // A device that reads hellos may leave those of a version unanswered, and answers the one that offers nothing.
    alternatives: others.length > 0 || !isTls ? ['silent-service'] : ['silent-service', 'tls-version', ...byName],
    nextProbe: `on ${hostOf(flow)}: ping -M do -s 1400 ${seen.from} (ping -f -l 1400 on Windows), then smaller; ${captureAt(address, flow.target)}`,
    decidedBy: idsOf(silent, wordless, heard, others),
  }
}

/** A certificate fills a packet, and so does the root of a directory; other services answer a first question in less. */
function wantsFullPacket(stop: Stop): stop is Extract<Stop, { phase: 'tls' | 'service' }> {
  return (
    stop.phase === 'tls' || (stop.phase === 'service' && stop.failed.every(({ asked }) => asked === 'ldap-root-dse'))
  )
}

/** An alert takes 7 octets, a page that says what belongs there some hundred. */
const smallAnswer = 1000
/** What no path can carry in one packet together with its headers, so that some packet of it was full. */
const fullPacket = 1460

/** What other flows met of names that have nothing to do with this one: the same silence, at another place. */
function alsoSilent({ kinds, address, flow: { target } }: Seen): readonly TlsHandshake[] {
  return kinds['tls-handshake'].filter(
    (one) =>
      one.role === 'context' &&
      one.outcome === 'timeout' &&
      one.bytesIn === 0 &&
      one.through === undefined &&
      one.serverName !== undefined &&
      target.name !== undefined &&
      areUnrelated(one.serverName, target.name) &&
      (one.address !== address || one.port !== target.port),
  )
}
