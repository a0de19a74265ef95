import type { Socket } from 'node:net'
import type { Farewell } from '../model/observation.ts'
import type { Clock } from './clock.ts'
import { msSince } from './clock.ts'
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
 *
 * @param heldMs hold it for so long instead, without a packet: who forgets quiet connections hears no goodbye
 */
export async function farewell(
  over: Socket,
  said: Uint8Array,
  limits: Limits,
  clock: Clock,
  heldMs?: number,
): Promise<Farewell> {
  const startMs = clock.monotonicMs()
  const before = over.bytesRead
  const early = heldMs === undefined ? undefined : await hold(over, { ...limits, timeoutMs: heldMs })
  const held = heldMs === undefined ? {} : { heldMs: msSince(clock, startMs) }
  const outcome = early ?? (await leave(over, said, limits, heldMs === undefined && said.length === 0))
  over.destroy()
  return { ...held, bytesOut: early === undefined ? said.length : 0, bytesIn: over.bytesRead - before, outcome }
}

/** Keeps quiet on an open connection for the time of `limits`. @returns how it ended when that was before the time */
export function hold(over: Socket, limits: Limits): Promise<Farewell['outcome'] | undefined> {
  return wait<Farewell['outcome'] | undefined>(
    limits,
    (settle) => {
      listenTo(over, settle)
      return () => {}
    },
    (ending) => (ending === 'timeout' ? undefined : 'aborted'),
  )
}

function leave(over: Socket, said: Uint8Array, limits: Limits, mayAsk: boolean): Promise<Farewell['outcome']> {
  const asks = mayAsk && limits.timeoutMs >= signOfLifeMs + leaveMs
  return wait<Farewell['outcome']>(
    limits,
    (settle) => {
      listenTo(over, settle)
      const goodbye = (): void => void over.end()
      if (asks) over.setKeepAlive(true, keepAliveMs, keepAliveMs, 1)
      // What stands before a server may leave at a goodbye before the server has answered what was said.
      if (said.length > 0) over.once('data', goodbye).write(said)
      const before = asks ? signOfLifeMs : said.length > 0 ? Math.min(leaveMs, limits.timeoutMs / 2) : 0
      const timer = setTimeout(goodbye, before)
      return () => clearTimeout(timer)
    },
    (ending) => (ending === 'timeout' ? 'silence' : 'aborted'),
  )
}

function listenTo(over: Socket, settle: (outcome: Farewell['outcome']) => void): void {
  if (over.destroyed) {
    settle(over.errored === null ? 'ended' : 'reset')
    return
  }
  over.on('error', (error) => {
    const lost = errorCode(error) === 'ETIMEDOUT'
    settle(lost ? 'lost' : streamOutcome(error) === 'closed' ? 'ended' : 'reset')
  })
  over.once('end', () => settle('ended'))
  over.once('close', () => settle('ended'))
  over.resume()
}
