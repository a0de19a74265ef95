import { createServer } from 'node:net'
import { errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

/** `free`, or the platform's word for why not: `EADDRINUSE`, `EACCES`. */
export type Bound = 'free' | { readonly code: string }

/** Whether this user may listen at a TCP port: it is bound on loopback and given back at once. */
export function tryBind(port: number, limits: Limits): Promise<Bound> {
  return wait<Bound>(
    limits,
    (settle) => {
      const server = createServer((socket) => socket.destroy())
      server.on('error', (error) => settle({ code: errorCode(error) ?? 'unknown' }))
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => settle('free')))
      return () => {
        if (server.listening) server.close()
      }
    },
    (ending) => ({ code: ending }),
  )
}
