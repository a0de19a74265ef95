import { lookup } from 'node:dns'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { SecureContext } from 'node:tls'
import { hostPort, unbracketed } from '../model/hostPort.ts'
import type { DialFailure, NamedPlace } from './dialNamed.ts'
import { dialFailure, dialNamed, endedDial, placeOfName, secureNamed } from './dialNamed.ts'
import { errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import { udpSocket } from './udpSocket.ts'
import { wait } from './wait.ts'

export const frameTransports = ['tls', 'tcp', 'udp'] as const
export type FrameTransport = (typeof frameTransports)[number]

export type FramesSent =
  /** `isHeard`: the other end left in an orderly way after the last of them, so that it has read them all. */
  { readonly kind: 'sent'; readonly isHeard: boolean } | DialFailure

export interface FrameTools {
  /** `names:` of the site file. */
  readonly names: Readonly<Record<string, string>>
  /** What its certificate may be of. */
  readonly secureContext: () => SecureContext
}

/** How long the other end may take to leave, once all was sent: most do at once, and some never. */
const farewellMs = 3000
/** Whoever hangs up at once, as a balancer without a server does, has done so by then. */
const hangUpMs = 50
/** How long the kernel is given to tell that nobody takes datagrams there. */
const refusalMs = 100

/**
 * Sends frames to a listener that answers nothing, such as one of syslog: one connection for all of them, over which
 * each octet goes as it is given, or one datagram for each.
 *
 * Such a protocol confirms nothing, and what was written when the other end was gone already is lost. So the own end
 * is closed after the last frame, and the end of the other one waited for: whoever goes in an orderly way has read what
 * came before, and whoever goes with a reset has not.
 */
export async function sendFrames(
  transport: FrameTransport,
  place: NamedPlace,
  frames: readonly Uint8Array[],
  limits: Limits,
  tools: FrameTools,
): Promise<FramesSent> {
  if (transport === 'udp') return sendDatagrams(place, frames, limits, tools)
  const dialled = await dialNamed(place, tools.names, limits)
  if (dialled.kind === 'failed') return dialled
  if (transport === 'tcp') return sendOver(dialled.socket, place, frames, limits)
  const secured = await secureNamed(dialled.socket, place, tools.secureContext(), limits)
  return secured.kind === 'failed' ? secured : sendOver(secured.socket, place, frames, limits)
}

function sendOver(
  socket: Socket,
  place: NamedPlace,
  frames: readonly Uint8Array[],
  limits: Limits,
): Promise<FramesSent> {
  // What the other end does before the own one is closed is no answer to that.
  const state = { isEnded: false }
  return wait<FramesSent>(
    limits,
    (settle) => {
      let patience: NodeJS.Timeout | undefined
      // What it says is read and thrown away: without that its end is not heard either.
      socket.resume()
      socket.on('error', (error) => settle(dialFailure(errorCode(error), place)))
      socket.once('end', () => settle(state.isEnded ? heard : dialFailure(undefined, place)))
      socket.once('close', () => settle(dialFailure(undefined, place)))
      socket.write(Buffer.concat(frames), (error) => {
        // Of what was closed before the write the platform tells nobody else.
        if (error) return settle(dialFailure(errorCode(error), place))
        patience = setTimeout(() => {
          state.isEnded = true
          socket.end()
          patience = setTimeout(() => settle({ kind: 'sent', isHeard: false }), farewellMs)
        }, hangUpMs)
      })
      return () => {
        clearTimeout(patience)
        socket.destroy()
      }
    },
    (ending) => (ending === 'timeout' && state.isEnded ? { kind: 'sent', isHeard: false } : endedDial(ending, place)),
  )
}

const heard = { kind: 'sent', isHeard: true } as const

async function sendDatagrams(
  place: NamedPlace,
  frames: readonly Uint8Array[],
  limits: Limits,
  { names }: FrameTools,
): Promise<FramesSent> {
  const { host, port } = placeOfName(names, place)
  const address = await addressOf(host, place, limits)
  if (typeof address !== 'string') return address
  const socket = udpSocket(isIP(address) === 6 ? 6 : 4)
  return wait<FramesSent>(
    limits,
    (settle) => {
      let patience: NodeJS.Timeout | undefined
      socket.on('error', (error) => settle(dialFailure(errorCode(error), place)))
      // A connected socket hears of the host that nobody listens there.
      socket.connect(port, address, (refused?: Error) => {
        // The system knows no way there: the platform says so to whoever waits for the connection, and to nobody else.
        if (refused !== undefined) return settle(dialFailure(errorCode(refused), place))
        let left = frames.length
        for (const frame of frames) {
          socket.send(frame, (error) => {
            left -= 1
            if (error !== null) settle(dialFailure(errorCode(error), place))
            else if (left === 0) patience = setTimeout(() => settle({ kind: 'sent', isHeard: false }), refusalMs)
          })
        }
      })
      return () => {
        clearTimeout(patience)
        socket.close()
      }
    },
    (ending) => endedDial(ending, place),
  )
}

function addressOf(host: string, place: NamedPlace, limits: Limits): Promise<string | DialFailure> {
  if (isIP(host) !== 0) return Promise.resolve(host)
  return wait<string | DialFailure>(
    limits,
    (settle) => {
      lookup(unbracketed(host), (error, address) => {
        const why = {
          kind: 'failed',
          why: 'unreachable',
          says: `${hostPort(host, place.port)} has no address`,
        } as const
        settle(error === null ? address : why)
      })
      return () => {}
    },
    (ending) => endedDial(ending, place),
  )
}
