import type { Socket } from 'node:net'
import { connect as connectTcp, isIP } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'
import { parseHostPort } from '../model/cidr.ts'
import { hostPort, unbracketed } from '../model/hostPort.ts'
import { servedPlace } from '../model/servedPlace.ts'
import { errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

/** A place by its name: a DNS name or an address, and a port. */
export interface NamedPlace {
  readonly host: string
  readonly port: number
}

/** Why nothing came of it, as the end of a sentence that begins with the place. */
export interface DialFailure {
  readonly kind: 'failed'
  readonly why: 'timed-out' | 'aborted' | 'untrusted' | 'unreachable'
  readonly says: string
}

export type Dialled<S extends Socket = Socket> = { readonly kind: 'open'; readonly socket: S } | DialFailure

/** Where the site says that a name is served; the place itself where it says nothing. */
export function placeOfName(names: Readonly<Record<string, string>>, { host, port }: NamedPlace): NamedPlace {
  const name = unbracketed(host)
  const served = servedPlace(names, name, port)
  const mapped = served?.startsWith(':') ? { host: name, port: Number(served.slice(1)) } : parseHostPort(served ?? '')
  return { host: mapped?.host ?? name, port: mapped?.port ?? port }
}

/** Opens a TCP connection to a name, at the first of its addresses that answers (RFC 8305). */
export function dialNamed(
  place: NamedPlace,
  names: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<Dialled> {
  const { host, port } = placeOfName(names, place)
  return wait<Dialled>(
    limits,
    (settle) => {
      const socket = connectTcp({ host, port, autoSelectFamily: true, noDelay: true })
      // Stays: what happens to the connection between two steps must not bring the process down.
      socket.on('error', (error) => settle(dialFailure(errorCode(error), place)))
      socket.once('connect', () => settle({ kind: 'open', socket }))
      return ({ kind }) => {
        if (kind !== 'open') socket.destroy()
      }
    },
    (ending) => endedDial(ending, place),
  )
}

/** Opens TLS over a connection, whose certificate is held against the name of the place. */
export function secureNamed(
  over: Socket,
  { host, port }: NamedPlace,
  secureContext: SecureContext,
  limits: Limits,
): Promise<Dialled<TLSSocket>> {
  const name = unbracketed(host)
  return wait<Dialled<TLSSocket>>(
    limits,
    (settle) => {
      const socket = connectTls({
        socket: over,
        secureContext,
        host: name,
        ...(isIP(name) === 0 && { servername: name }),
        minVersion: 'TLSv1.2',
      })
      socket.on('error', (error) => settle(dialFailure(errorCode(error), { host, port })))
      socket.once('secureConnect', () => settle({ kind: 'open', socket }))
      // An end without a word is no error to the platform.
      socket.once('close', () => settle(dialFailure(undefined, { host, port })))
      return ({ kind }) => {
        if (kind !== 'open') {
          socket.destroy()
          over.destroy()
        }
      }
    },
    (ending) => endedDial(ending, { host, port }),
  )
}

/** How a wait for a place ended. */
export function endedDial(ending: 'timeout' | 'aborted', { host, port }: NamedPlace): DialFailure {
  const place = hostPort(unbracketed(host), port)
  return ending === 'timeout'
    ? { kind: 'failed', why: 'timed-out', says: `${place} did not answer in time` }
    : { kind: 'failed', why: 'aborted', says: `the question to ${place} was ended` }
}

/** An error of a socket in words: the platform's code of it, where it has one, and no text of the other side. */
export function dialFailure(code = '', { host, port }: NamedPlace): DialFailure {
  const place = hostPort(unbracketed(host), port)
  if (isTrustError(code)) {
    return {
      kind: 'failed',
      why: 'untrusted',
      says: `the certificate of ${place} is not trusted for the name (${code})`,
    }
  }
  const says = ['', 'ECONNRESET', 'EPIPE'].includes(code)
    ? `${place} ended the connection`
    : `${place} is not reached (${code})`
  return { kind: 'failed', why: 'unreachable', says }
}

/** Whether the platform's code of an error speaks of a certificate. */
export function isTrustError(code: string): boolean {
  return /CERT|SIGNATURE|ISSUER|ALTNAME|SELF_SIGNED/.test(code) && !code.includes('_ALERT_')
}
