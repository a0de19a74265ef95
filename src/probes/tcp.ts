import type { Socket } from 'node:net'
import type { TcpConnect, Unfiled } from '../model/observation.ts'
import { hold } from '../net/farewell.ts'
import type { Limits } from '../net/net.ts'
import { dial } from './dial.ts'
import type { Observe } from './probe.ts'

/** What the other end does at once is here within a round trip, and this for who is slow to be scheduled. In milliseconds. */
const momentMs = 10

/** A connection, and whether it still stands after a moment: some accept for a service that is not there. */
export const observe: Observe = async (question, net, keep, limits) => {
  if (question.via !== undefined) {
    const socket = await dial(question, net, keep, limits)
    socket?.destroy()
    return
  }
  const { address, port } = question
  const { seen, socket } = await net.connect({ address, port }, limits)
  keep(socket === undefined ? seen : { ...seen, ...(await leftAtOnce(seen, socket, limits)) })
}

/** How the other end left within a moment, where it did so without a word. The connection is gone afterwards. */
async function leftAtOnce(
  { ms }: Unfiled<TcpConnect>,
  socket: Socket,
  { signal, timeoutMs }: Limits,
): Promise<Pick<TcpConnect, 'farewell'>> {
  const heldMs = Math.min(timeoutMs, momentMs + Math.ceil(ms))
  const outcome = await hold(socket, { signal, timeoutMs: heldMs })
  const { bytesRead: bytesIn } = socket
  socket.destroy()
  const isLeft = (outcome === 'ended' || outcome === 'reset') && bytesIn === 0
  return isLeft ? { farewell: { heldMs, bytesOut: 0, bytesIn, outcome } } : {}
}
