import { isIP, Socket } from 'node:net'
import type { TcpConnect, Unfiled } from '../model/observation.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { connectOutcome, errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import { ownTraits } from './platformTraits.ts'
import { wait } from './wait.ts'

interface Attempt {
  readonly outcome: TcpConnect['outcome']
  readonly code?: string
}

/**
 * How the kernel says that a connection stood and was reset before anybody looked: a reset in the place of the answer to
 * a SYN is ECONNREFUSED. In CLOSE-WAIT, after a FIN, Linux calls it EPIPE.
 */
const resetAfterwards: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])

/**
 * One TCP connection attempt to one address. A connection that stood and was reset at once is handed over as it is, so
 * that it is told alike however late this process came to look: what is asked over it says that it was reset.
 *
 * @throws RangeError when the address is a name, or the port is none
 */
export async function connect(
  to: { readonly address: string; readonly port: number; readonly localAddress?: string },
  limits: Limits,
  clock: Clock,
): Promise<{ readonly seen: Unfiled<TcpConnect>; readonly socket?: Socket }> {
  const { address, port, localAddress: source } = to
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`a port is 1 to 65535, not ${port}`)
  if (isIP(address) === 0) throw new RangeError(`an IP address is wanted, not ${JSON.stringify(address)}`)
  const socket = new Socket()
  socket.setNoDelay(true)
  const stamp = startStamp(clock)
  // The kernel chooses it with the SYN, whatever comes of that; for what its own tables forbid it chooses none.
  const kept: { localAddress?: string | undefined; localPort?: number | undefined } = { localAddress: source }
  const keepOwnEnd = (): void => {
    kept.localAddress ??= usable(socket.localAddress)
    kept.localPort ??= socket.localPort
  }
  const attempt = await wait<Attempt>(
    limits,
    (settle) => {
      // The handed-over socket keeps this listener: a reset between two steps must not bring the process down.
      socket.on('error', (error) => {
        const code = errorCode(error)
        if (code !== undefined && resetAfterwards.has(code)) settle({ outcome: 'connected' })
        else settle(failedAttempt(code, address))
      })
      socket.once('connect', () => settle({ outcome: 'connected' }))
      // Once the SYN is sent: an attempt that ends in an error has forgotten it by the time that it says so.
      if (process.platform !== 'win32') {
        socket.once('connectionAttempt', () => process.nextTick(keepOwnEnd))
      }
      socket.connect({
        host: address,
        port,
        autoSelectFamily: false,
        ...(source !== undefined && { localAddress: source }),
      })
      return ({ outcome }) => {
        keepOwnEnd()
        if (outcome !== 'connected') socket.destroy()
      }
    },
    (ending) => ({ outcome: ending }),
  )
  const connected = attempt.outcome === 'connected'
  const { localAddress, localPort } = kept
  return {
    seen: {
      kind: 'tcp-connect',
      ...stamp(),
      address,
      port,
      ...attempt,
      ...(localAddress !== undefined && { localAddress }),
      ...(localPort !== undefined && localPort > 0 && { localPort }),
    },
    ...(connected && { socket }),
  }
}

/** What an attempt came to that failed with the platform's word. */
export function failedAttempt(code: string | undefined, address: string, { forbiddenHere } = ownTraits): Attempt {
  const outcome = connectOutcome(code, address)
  const word = code === 'EACCES' ? (forbiddenHere ?? code) : code
  return { outcome, ...(word !== undefined && { code: word }) }
}

/** Windows has chosen no address before the connection stands. */
function usable(address: string | undefined): string | undefined {
  return address === '0.0.0.0' || address === '::' ? undefined : address
}
