import type { Duplex } from 'node:stream'
import { cutLater } from './cutLater.ts'

/**
 * Sends the last of a connection, and cuts it a moment later: who was answered and does not go would keep it for ever, since
 * behind a request for another protocol no time-out of HTTP counts.
 */
export function endAndCut(socket: Duplex, last?: string | Uint8Array): void {
  socket.end(last)
  // What is not read when a socket closes takes the answer away with it.
  socket.resume()
  cutLater(socket)
}
