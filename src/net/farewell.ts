import type { Socket } from 'node:net'
import type { Farewell } from '../model/observation.ts'
import { errorCode, streamOutcome } from './errno.ts'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

/** Keep-alive of the kernel: after so long without a word it asks once, and waits as long for the answer. Its unit is the second. */
const keepAliveMs = 1000
/** Until then the kernel has given its word, on a machine that is busy as well. In milliseconds. */
const signOfLifeMs = 2 * keepAliveMs + 400
/** What a goodbye is given at the least, in milliseconds. */
const leaveMs = 400

/**
 * Leaves an open connection, after a few octets or none, and listens whether the other end leaves as well: who lives and
 * is reached does so, or resets. Where nothing is said and the time suffices, the kernel first asks for a sign of life,
 * which the other kernel gives in the name of a service that hangs. The connection is gone afterwards.
 */
export async function farewell(over: Socket, said: Uint8Array, limits: Limits): Promise<Farewell> {
  const asks = said.length === 0 && limits.timeoutMs >= signOfLifeMs + leaveMs
  const before = over.bytesRead
  const outcome = await wait<Farewell['outcome']>(
    limits,
    (settle) => {
      if (over.destroyed) {
        settle(over.errored === null ? 'ended' : 'reset')
        return () => {}
      }
      over.on('error', (error) => {
        const lost = errorCode(error) === 'ETIMEDOUT'
        settle(lost ? 'lost' : streamOutcome(error) === 'closed' ? 'ended' : 'reset')
      })
      over.once('end', () => settle('ended'))
      over.once('close', () => settle('ended'))
      over.resume()
      const leave = (): void => {
        over.end(said)
      }
      if (asks) over.setKeepAlive(true, keepAliveMs, keepAliveMs, 1)
      const timer = asks ? setTimeout(leave, signOfLifeMs) : undefined
      if (timer === undefined) leave()
      return () => clearTimeout(timer)
    },
    (ending) => (ending === 'timeout' ? 'silence' : 'aborted'),
  )
  over.destroy()
  return { bytesOut: said.length, bytesIn: over.bytesRead - before, outcome }
}
