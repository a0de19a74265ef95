import { askUpgrade } from './askUpgrade.ts'
import { dial } from './dial.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  // Through a proxy a WebSocket takes a tunnel, under TLS or not (RFC 6455 §4.1).
  const socket = await dial(question, net, keep, limits)
  if (socket !== undefined) keep(await askUpgrade(socket, 'ws', question, net, limits))
}
