import { isIP } from 'node:net'
import { canonicalAddress } from '../model/cidr.ts'
import { errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import { udpSocket } from './udpSocket.ts'
import { wait } from './wait.ts'

export type Route =
  /** The address that this machine would be seen with, as far as its own tables say. */
  | { readonly kind: 'route'; readonly localAddress: string }
  /** The platform's word for why there is none: `ENETUNREACH`, `EADDRNOTAVAIL`. */
  | { readonly kind: 'none'; readonly code: string }

/**
 * Whether this machine's own tables have a way to an address: a UDP socket is connected to it, which asks the kernel for
 * a route, and closed. Nothing is sent.
 *
 * @throws RangeError when the address is a name
 */
export function routeTo(address: string, limits: Limits): Promise<Route> {
  const family = isIP(address)
  if (family === 0) throw new RangeError(`an IP address is wanted, not ${JSON.stringify(address)}`)
  return wait<Route>(
    limits,
    (settle) => {
      const socket = udpSocket(family === 6 ? 6 : 4)
      const fail = (error: unknown): void => settle({ kind: 'none', code: errorCode(error) ?? 'unknown' })
      socket.on('error', fail)
      socket.connect(9, address, (error?: Error) => {
        if (error !== undefined) return fail(error)
        const local = socket.address().address
        settle({ kind: 'route', localAddress: canonicalAddress(local.split('%')[0] ?? local) ?? local })
      })
      return () => socket.close()
    },
    (ending) => ({ kind: 'none', code: ending }),
  )
}
