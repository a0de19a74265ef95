import { askUpgrade } from './askUpgrade.ts'
import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  // HTTP/2 has another handshake for WebSocket (RFC 8441), which few services speak.
  await shakeHands(question, ['http/1.1'], net, keep, limits, async (socket) => {
    keep(await askUpgrade(socket, 'wss', question, net, limits))
  })
}
