import type { Socket } from 'node:dgram'
import { isIP } from 'node:net'
import type { UdpExchange, Unfiled } from '../model/observation.ts'
import { listenBannerIn } from '../wire/listenBanner.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { errorCode, udpOutcome } from './errno.ts'
import type { Limits } from './net.ts'
import { ownTraits } from './platformTraits.ts'
import { udpSocket } from './udpSocket.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

/** What came of datagrams on a connected socket: what `take` made of an answer, the platform's failure, or the end of the wait. */
export type UdpEnd<T> = { readonly taken: T } | { readonly error: unknown } | Ending

/** Where a datagram came from. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** Sends one more datagram on the same socket. */
export type Send = (payload: Uint8Array) => void

/**
 * Sends a datagram on a connected socket, on which the kernel reports ICMP errors, and offers each answer to `take`
 * until it takes one. An unconnected socket would wait for nothing where a port is closed.
 *
 * @param payload called at the moment of sending, where it is a function
 * @param take undefined leaves the wait open for the next answer
 * @param fromAnyone leaves the socket unconnected, so that answers from other places come too; ICMP errors do not
 * @throws RangeError when the address is a name, or the port is none
 */
export function udpExchange<T>(
  to: { readonly address: string; readonly port: number },
  payload: Uint8Array | (() => Uint8Array),
  limits: Limits,
  take: (answer: Uint8Array, send: Send, from: Place) => T | undefined,
  fromAnyone = false,
): Promise<UdpEnd<T>> {
  const family = isIP(to.address)
  if (family === 0) throw new RangeError(`an IP address is wanted, not ${JSON.stringify(to.address)}`)
  if (!Number.isInteger(to.port) || to.port < 1 || to.port > 65_535) {
    throw new RangeError(`a port is 1 to 65535, not ${to.port}`)
  }
  return wait<UdpEnd<T>>(
    limits,
    (settle) => {
      const socket: Socket = udpSocket(family === 6 ? 6 : 4)
      // An abort may come between the connect and its callback: a closed socket must not be written to.
      let released = false
      const fail = (error: unknown): void => settle({ error })
      const send = (octets: Uint8Array): void => {
        if (released) return
        const sent = (error: Error | null): void => {
          if (error !== null) fail(error)
        }
        if (fromAnyone) socket.send(octets, to.port, to.address, sent)
        else socket.send(octets, sent)
      }
      socket.on('error', fail)
      socket.on('message', (answer: Buffer, from: Place) => {
        const taken = take(answer, send, from)
        if (taken !== undefined) settle({ taken })
      })
      const begin = (error?: Error): void =>
        error ? fail(error) : send(typeof payload === 'function' ? payload() : payload)
      if (fromAnyone) socket.bind(0, undefined, () => begin())
      else socket.connect(to.port, to.address, begin)
      return () => {
        released = true
        socket.removeAllListeners('message')
        // An error that is still on its way finds a listener, and a socket that is closed.
        socket.close()
      }
    },
    (ending) => ending,
  )
}

/**
 * One datagram and the first answer to it.
 *
 * @param isOurs passes over what answers another question: where nothing else comes, the last of it is handed over
 */
export async function datagram(
  to: { readonly address: string; readonly port: number },
  payload: Uint8Array,
  limits: Limits,
  clock: Clock,
  isOurs: (answer: Uint8Array) => boolean = () => true,
  traits = ownTraits,
): Promise<{ readonly seen: Unfiled<UdpExchange>; readonly answer?: Uint8Array }> {
  const stamp = startStamp(clock)
  let passedOver: Uint8Array | undefined
  const end = await udpExchange(to, payload, limits, (answer) => {
    // Who listens there in Postern's own words will not answer otherwise.
    if (isOurs(answer) || listenBannerIn(answer) !== undefined) return answer
    passedOver = answer
    return undefined
  })
  const answer = typeof end === 'object' && 'taken' in end ? end.taken : end === 'timeout' ? passedOver : undefined
  const error = typeof end === 'object' && 'error' in end ? end.error : undefined
  const code = errorCode(error)
  const listener = answer && listenBannerIn(answer)
  const seen: Unfiled<UdpExchange> = {
    kind: 'udp-exchange',
    ...stamp(),
    address: to.address,
    port: to.port,
    outcome: answer !== undefined ? 'answer' : typeof end === 'object' ? udpOutcome(code) : end,
    ...(code !== undefined && { code }),
    ...(answer === undefined && end === 'timeout' && traits.isDeafToRefusals && { refusalUnheard: true }),
    bytesOut: payload.length,
    bytesIn: answer?.length ?? 0,
    ...(listener !== undefined && { listener }),
  }
  return { seen, ...(answer !== undefined && { answer }) }
}
