import type { UdpExchange, Unfiled } from '../model/observation.ts'
import type { TimeAnswer } from '../model/timeAnswer.ts'
import { listenBannerIn } from '../wire/listenBanner.ts'
import type { NtpReply } from '../wire/ntp.ts'
import { decodeNtpReply, encodeNtpRequest, ntpOffset } from '../wire/ntp.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { udpExchange } from './datagram.ts'
import { errorCode, udpOutcome } from './errno.ts'
import type { Limits } from './net.ts'
import type { PlatformTraits } from './platformTraits.ts'
import { ownTraits } from './platformTraits.ts'

export interface TimeTools {
  readonly clock: Clock
  /** As many unguessable octets as are asked for. */
  readonly random: (octets: number) => Uint8Array
  /** Default: those of this platform. */
  readonly traits?: PlatformTraits
}

/** What was made of the datagrams that came, and how long the last of them was. */
interface Heard {
  readonly time: TimeAnswer
  readonly bytesIn: number
  /** The banner of a listener. */
  readonly listener?: string
}

/**
 * Asks a time server for the time: one request in client mode (RFC 5905 §7.3) from a port of its own, with nothing in it
 * that tells of this machine. What does not belong to the request is passed over (RFC 5905 §8) and told when nothing else
 * comes. This machine's clock is read and never set.
 *
 * @throws RangeError when the address is a name, or the port is none
 */
export async function askTime(
  to: { readonly address: string; readonly port: number },
  limits: Limits,
  { clock, random, traits = ownTraits }: TimeTools,
): Promise<Unfiled<UdpExchange>> {
  const nonce = random(8)
  const transmit = new DataView(nonce.buffer, nonce.byteOffset, nonce.byteLength).getBigUint64(0)
  const request = encodeNtpRequest(transmit)
  const stamp = startStamp(clock)
  let sentAtMs = clock.now()
  let sentMs = clock.monotonicMs()
  let passedOver: Heard | undefined
  const end = await udpExchange<Heard>(
    to,
    () => {
      sentAtMs = clock.now()
      sentMs = clock.monotonicMs()
      return request
    },
    limits,
    (octets) => {
      const arrivedAtMs = sentAtMs + (clock.monotonicMs() - sentMs)
      const reply = decodeNtpReply(octets, transmit)
      const listener = listenBannerIn(octets)
      const heard = {
        time: timeAnswerOf(reply, sentAtMs, arrivedAtMs),
        bytesIn: octets.length,
        ...(listener !== undefined && { listener }),
      }
      // Who listens there in Postern's own words will not answer otherwise.
      if (reply.kind === 'time' || reply.kind === 'kiss' || listener !== undefined) return heard
      passedOver = heard
      return undefined
    },
  )
  const heard = typeof end === 'object' && 'taken' in end ? end.taken : end === 'timeout' ? passedOver : undefined
  const code = typeof end === 'object' && 'error' in end ? errorCode(end.error) : undefined
  return {
    kind: 'udp-exchange',
    ...stamp(),
    address: to.address,
    port: to.port,
    outcome: heard !== undefined ? 'answer' : typeof end === 'object' ? udpOutcome(code) : end,
    ...(code !== undefined && { code }),
    ...(heard === undefined && end === 'timeout' && traits.isDeafToRefusals && { refusalUnheard: true }),
    bytesOut: request.length,
    bytesIn: heard?.bytesIn ?? 0,
    ...(heard?.listener !== undefined && { listener: heard.listener }),
    ...(heard !== undefined && { time: heard.time }),
  }
}

function timeAnswerOf(reply: NtpReply, sentAtMs: number, arrivedAtMs: number): TimeAnswer {
  if (reply.kind !== 'time') return reply
  const { leap, version, stratum, reference, rootDelayMs, rootDispersionMs, received, transmitted } = reply
  const hasTime = received !== 0n && transmitted !== 0n
  const { offsetMs, delayMs } = ntpOffset(reply, sentAtMs, arrivedAtMs)
  return {
    kind: 'time',
    leap,
    version,
    stratum,
    reference,
    rootDelayMs: tenths(rootDelayMs),
    rootDispersionMs: tenths(rootDispersionMs),
    ...(hasTime && { offsetMs: tenths(offsetMs), delayMs: tenths(delayMs) }),
  }
}

function tenths(ms: number): number {
  const rounded = Math.round(ms * 10) / 10
  return rounded === 0 ? 0 : rounded
}
