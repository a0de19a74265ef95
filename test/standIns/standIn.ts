import type { Socket } from 'node:net'
import { openDoorway } from '../../src/lab/servers/doorway.ts'

/** Where a stand-in listens; port 0 is any free one. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** A server of a protocol that no package of Debian serves. It knows no account, and lets nobody in. */
export interface StandIn extends Place {
  close(): Promise<void>
}

/** What a server shows in TLS: the certificate with its issuers, and its key, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** The longest that a connection lasts, in milliseconds, whatever its client does. */
const longestLifeMs = 60_000

/** Opens a stand-in that hands each connection to `welcome`; none outlasts a minute. */
export async function openStandIn(place: Place, welcome: (socket: Socket) => void): Promise<StandIn> {
  return await openDoorway(place, (socket) => {
    const end = setTimeout(() => socket.destroy(), longestLifeMs)
    socket.once('close', () => clearTimeout(end))
    welcome(socket)
  })
}

/** How the messages of a protocol are told apart. */
export interface Messages {
  /** How many octets the message has that begins with these; undefined while too few came to know. */
  lengthOf(octets: Buffer): number | undefined
  /** The longest message that is taken, in octets; who sends a longer one is cut off. */
  readonly most: number
}

/**
 * Takes what a client says apart into whole messages, and holds at most one that has not ended.
 *
 * @param take is given each message, and says whether more are to be read; after the last one what comes is dropped
 * @returns what takes the next octets
 */
export function inMessages(
  { lengthOf, most }: Messages,
  take: (message: Buffer) => boolean,
  cutOff: () => void,
): (chunk: Buffer) => void {
  let came = Buffer.alloc(0)
  let goesOn = true
  return (chunk) => {
    came = goesOn ? Buffer.concat([came, chunk]) : Buffer.alloc(0)
    while (goesOn && came.length > 0) {
      const length = lengthOf(came)
      if ((length ?? came.length) > most) {
        goesOn = false
        cutOff()
        return
      }
      if (length === undefined || length > came.length) return
      const message = came.subarray(0, length)
      came = came.subarray(length)
      goesOn = take(message)
    }
  }
}

/** Reads what comes on a connection message by message; who sends too long a one loses the connection. */
export function readMessages(socket: Socket, messages: Messages, take: (message: Buffer) => boolean): void {
  socket.on(
    'data',
    inMessages(messages, take, () => socket.destroy()),
  )
}
