import type { Duplex } from 'node:stream'

/** For clients that do not end their side. In milliseconds. */
const lingerMs = 1000

/** Cuts a connection a moment after its end was sent: who was answered and does not go would keep it for ever. */
export function cutLater(socket: Duplex): void {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
}
