import type { Socket } from 'node:net'
import type { WebSocketUpgrade } from '../model/observation.ts'
import type { WebSocketFrame } from '../wire/websocket.ts'
import { decodeClose, encodeClose, encodeControlFrame, splitServerFrame } from '../wire/websocket.ts'
import type { Clock } from './clock.ts'
import { msSince } from './clock.ts'
import { CollectedOctets } from './collectedOctets.ts'
import type { Limits } from './net.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

export interface PingTools {
  readonly clock: Clock
  /** As many unguessable octets as are asked for: frames of a client are masked (RFC 6455 §5.3). */
  readonly random: (octets: number) => Uint8Array
}

type Heard = Pick<WebSocketUpgrade, 'heard' | 'pongMs' | 'closeCode' | 'why'>

/** The longest frame that is read, and all that is read at most: a server may talk at once, and need not stop. */
const longestFrame = 65_536
const mostOctets = 262_144
const mostFrames = 64
const pingOctets = 4
/** How long the server has to say goodbye in its turn; then the connection is closed without it. In milliseconds. */
const farewellMs = 500
const normalClosure = 1000

/**
 * Sends one ping over a WebSocket that was just opened and listens until the pong, or whatever else ends the wait; then
 * closes as RFC 6455 §7.1.2 wants it. The caller destroys the connection.
 *
 * @param came octets that had come behind the head of the answer
 */
export async function pingOnce(
  over: Socket,
  came: Uint8Array,
  limits: Limits,
  { clock, random }: PingTools,
): Promise<Heard | 'aborted'> {
  const startMs = clock.monotonicMs()
  const ping = random(pingOctets)
  const send = (opcode: 'ping' | 'pong' | 'close', payload: Uint8Array): void => {
    if (over.writable) over.write(encodeControlFrame(opcode, payload, random(4)))
  }
  const collected = new CollectedOctets(mostOctets)
  let from = 0
  let frames = 0

  /** What one frame comes to; undefined: the pong is still to come. */
  const hear = ({ opcode, payload }: WebSocketFrame): Heard | undefined => {
    frames += 1
    if (opcode === 'close') {
      const said = decodeClose(payload)
      return said === undefined
        ? { heard: 'violation', why: 'a close frame that says nothing valid' }
        : { heard: 'close', closeCode: said.code, pongMs: msSince(clock, startMs) }
    }
    if (opcode === 'pong' && Buffer.from(payload).equals(ping))
      return { heard: 'pong', pongMs: msSince(clock, startMs) }
    if (opcode === 'ping') send('pong', payload)
    return undefined
  }
  /** Takes what is whole of what came. */
  const take = (): Heard | undefined => {
    while (frames < mostFrames) {
      const split = splitServerFrame(collected.octets.subarray(from), longestFrame)
      if (split.kind === 'incomplete') return undefined
      if (split.kind === 'violation') return { heard: 'violation', why: split.why }
      from += split.used
      const heard = hear(split.frame)
      if (heard !== undefined) return heard
    }
    return { heard: 'frame' }
  }
  const soFar = (without: 'ended' | 'nothing'): Heard => ({ heard: frames > 0 ? 'frame' : without })

  const heard = await wait<Heard | 'aborted'>(
    limits,
    (settle) => {
      const onEnd = (): void => settle(soFar('ended'))
      const read = (): void => {
        for (let piece: Buffer | null = over.read(); piece !== null; piece = over.read()) {
          const whole = collected.add(piece)
          const said = take() ?? (whole ? undefined : { heard: 'frame' as const })
          if (said === undefined) continue
          settle(said)
          return
        }
      }
      over.on('readable', read)
      over.once('end', onEnd)
      over.once('error', onEnd)
      over.once('close', onEnd)
      send('ping', ping)
      collected.add(came)
      const said = take()
      if (said !== undefined) settle(said)
      else if (over.destroyed || over.readableEnded) onEnd()
      return () => {
        over.off('readable', read)
        over.off('end', onEnd)
        over.off('error', onEnd)
        over.off('close', onEnd)
      }
    },
    (ending: Ending) => (ending === 'aborted' ? ending : soFar('nothing')),
  )
  // Who breaks the protocol is left without a word (RFC 6455 §7.1.7), who has gone cannot be told any.
  if (heard === 'aborted' || heard.heard === 'violation' || heard.heard === 'ended') return heard
  send('close', encodeClose({ code: normalClosure, reason: '' }))
  await farewell(over, limits.signal)
  return heard
}

/** Waits for the server to close, which is its turn (RFC 6455 §7.1.1), and reads whatever it still says. */
async function farewell(over: Socket, signal: AbortSignal): Promise<void> {
  await wait<void>(
    { signal, timeoutMs: farewellMs },
    (settle) => {
      const done = (): void => settle()
      if (over.destroyed || over.readableEnded) done()
      over.once('end', done)
      over.once('error', done)
      over.once('close', done)
      over.resume()
      return () => {
        over.off('end', done)
        over.off('error', done)
        over.off('close', done)
      }
    },
    () => {},
  )
}
