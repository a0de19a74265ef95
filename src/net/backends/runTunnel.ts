import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketBoundary } from '../../wire/webSocketBoundary.ts'
import { encodeClose, encodeControlFrame } from '../../wire/websocket.ts'
import type { BackendReason } from './backendReasons.ts'
import { GoingAway } from './goingAway.ts'

export interface TunnelEnds {
  readonly client: Duplex
  readonly server: Socket
  /** What each had said behind its handshake. */
  readonly fromClient: Uint8Array
  readonly fromServer: Uint8Array
}

export interface TunnelEnd {
  /** Absent: one of the two ended it. */
  readonly reason?: BackendReason
  readonly octetsOut: number
  readonly octetsIn: number
}

/** From a Close frame to the end of the connection, which is to be within a quarter of a second of the signal. */
const farewellMs = 150
/** What one end wrote last may still be on its way to the other, which is not waited for longer than this. */
const lastWordsMs = 5000
/** Policy violation (RFC 6455 §7.4.1): the one that browsers tell a script when a session has ended. */
const sessionEnded = encodeClose({ code: 1008, reason: 'session ended' })
/** Going away (RFC 6455 §7.4.1): the sign-in lasts, and scripts come again. */
const gateEnds = encodeClose({ code: 1001, reason: 'gate ends' })

/**
 * Hands octets on between the two ends of a WebSocket, none faster than it is taken, until one of them ends, both are silent
 * for too long, or the signal comes: then both are told so by a Close frame where no frame is in its midst, and cut off.
 */
export function runTunnel(
  { client, server, fromClient, fromServer }: TunnelEnds,
  idleMs: number,
  signal: AbortSignal,
  random: (octets: number) => Uint8Array,
): Promise<TunnelEnd> {
  return new Promise((resolve) => {
    const [out, back] = [new WebSocketBoundary(), new WebSocketBoundary()]
    let [octetsOut, octetsIn] = [0, 0]
    let reason: BackendReason | undefined
    let last: NodeJS.Timeout | undefined
    const onOut = (chunk: Uint8Array): void => {
      octetsOut += chunk.length
      out.pass(chunk)
      idle.refresh()
    }
    const onBack = (chunk: Uint8Array): void => {
      octetsIn += chunk.length
      back.pass(chunk)
      idle.refresh()
    }
    const settle = (): void => {
      clearTimeout(idle)
      clearTimeout(last)
      signal.removeEventListener('abort', onEnded)
      client.off('close', onClose).off('data', onOut)
      server.off('close', onClose).off('data', onBack)
      client.destroy()
      server.destroy()
      resolve({ ...(reason !== undefined && { reason }), octetsOut, octetsIn })
    }
    const close = (why: BackendReason): void => {
      if (reason !== undefined) return
      reason = why
      client.unpipe(server).off('data', onOut).resume()
      server.unpipe(client).off('data', onBack).resume()
      const ended = signal.reason instanceof GoingAway ? gateEnds : sessionEnded
      // A server's frames are not masked (RFC 6455 §5.1).
      if (back.isBetweenFrames) client.end(Uint8Array.from([0x88, ended.length, ...ended]))
      if (out.isBetweenFrames) server.end(encodeControlFrame('close', ended, random(4)))
      last = setTimeout(settle, farewellMs)
    }
    const onEnded = (): void => close('ended')
    const onClose = (): void => {
      if (client.destroyed && server.destroyed) {
        settle()
      } else if (last === undefined) {
        client.end()
        server.end()
        last = setTimeout(settle, lastWordsMs)
      }
    }
    const idle = setTimeout(() => close('silent'), idleMs)
    client.on('close', onClose).on('error', () => {})
    server.on('close', onClose).on('error', () => {})
    signal.addEventListener('abort', onEnded, { once: true })
    if (fromServer.length > 0) {
      onBack(fromServer)
      client.write(fromServer)
    }
    if (fromClient.length > 0) {
      onOut(fromClient)
      server.write(fromClient)
    }
    client.on('data', onOut).pipe(server)
    server.on('data', onBack).pipe(client)
    if (signal.aborted) onEnded()
    else if (client.destroyed || server.destroyed) onClose()
  })
}
