import type { Socket } from 'node:net'
import { connect as connectTcp, isIP } from 'node:net'
import type { SecureContext } from 'node:tls'
import { checkServerIdentity, connect as connectTls, createSecureContext, getCACertificates } from 'node:tls'
import { parseHostPort } from '../../model/cidr.ts'
import { unbracketed } from '../../model/hostPort.ts'
import { servedPlace } from '../../model/servedPlace.ts'
import { readPem } from '../readPem.ts'
import { Ended } from './backendReasons.ts'

/** What the servers of a backend are dialled by. */
export interface DialSettings {
  /** `names:` of the site file. */
  readonly names: Readonly<Record<string, string>>
  readonly secureContext: SecureContext
  /** The name that certificates are for; absent: the host of the URL. */
  readonly serverName?: string
  readonly timeoutMs: number
}

/**
 * What certificates of a backend are held against: TLS 1.2 and up.
 *
 * @param trust PEM texts of CAs; none: those of this machine
 * @throws Error when one of them is no certificate
 */
export function trustContext(trust: readonly string[]): SecureContext {
  for (const text of trust) {
    const { certificates, unreadable } = readPem(text)
    // The platform passes over what it cannot read, and every server would be untrusted with nothing to tell why.
    if (certificates.length === 0 || unreadable > 0) throw new Error('a CA of a backend cannot be read as PEM')
  }
  const ca = trust.length > 0 ? [...trust] : [...getCACertificates('system'), ...getCACertificates('extra')]
  return createSecureContext({ ca, minVersion: 'TLSv1.2' })
}

/** One connection to a server, with its handshake done and its certificate verified. Rejects with why there is none. */
export function dialServer(url: URL, settings: DialSettings, signal: AbortSignal): Promise<Socket> {
  const host = unbracketed(url.hostname)
  const isTls = url.protocol === 'https:'
  const port = Number(url.port) || (isTls ? 443 : 80)
  const place = placeFor(host, port, settings.names)
  if (signal.aborted) return Promise.reject(new Ended('ended'))
  return new Promise((resolve, reject) => {
    const to = { ...place, highWaterMark: 65_536 }
    const name = settings.serverName ?? host
    const socket = isTls
      ? connectTls({
          ...to,
          secureContext: settings.secureContext,
          rejectUnauthorized: true,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(name) === 0 && { servername: name }),
          // What is dialled may be another place by `names:`; the certificate is for the name all the same.
          checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
        })
      : connectTcp(to)
    const end = (error?: unknown): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('error', end)
      if (error === undefined) {
        resolve(socket)
        return
      }
      // What comes after the first error is of no interest, and must not be an exception.
      socket.on('error', () => {}).destroy()
      reject(error)
    }
    const onAbort = (): void => end(new Ended('ended'))
    const timer = setTimeout(() => end(new Ended('connect-timeout')), settings.timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.setNoDelay(true).setKeepAlive(true, 60_000)
    socket.on('error', end).once(isTls ? 'secureConnect' : 'connect', () => end())
  })
}

/** Where a server is dialled: where the site file has its name, else by the name itself. */
function placeFor(host: string, port: number, names: Readonly<Record<string, string>>): { host: string; port: number } {
  const served = servedPlace(names, host, port)
  if (served === undefined) return { host, port }
  if (served.startsWith(':')) return { host, port: Number(served.slice(1)) }
  const place = parseHostPort(served)
  return place === undefined ? { host, port } : { host: place.host, port: place.port ?? port }
}
