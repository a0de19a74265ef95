import { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

/**
 * How many octets the ClientHello has that Node sends when a program leaves its TLS settings alone. It is written into a
 * stream that leads nowhere.
 *
 * @param serverName SNI, which is part of it
 * @returns undefined when the wait ended first
 */
export function ownHelloOctets(serverName: string, limits: Limits): Promise<number | undefined> {
  return wait<number | undefined>(
    limits,
    (settle) => {
      const nowhere = new Duplex({
        read() {},
        write(octets: Buffer, _encoding, done) {
          settle(octets.length)
          done()
        },
      })
      const socket = connect({ socket: nowhere, servername: serverName })
      socket.on('error', () => settle(undefined))
      return () => {
        socket.destroy()
        nowhere.destroy()
      }
    },
    () => undefined,
  )
}
