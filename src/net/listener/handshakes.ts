import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { createServer } from 'node:tls'
import type { Clock } from '../clock.ts'
import type { TlsContexts } from '../tlsContexts.ts'
import type { Connection } from './connection.ts'
import { shownName } from './shownName.ts'
import { tlsRefusal } from './tlsRefusal.ts'

export interface HandshakeOptions {
  readonly contexts: TlsContexts
  /** Absent: clients are asked for no certificate. */
  readonly ask?: 'optional' | 'required' | undefined
  /** 1 to 120. */
  readonly handshakeSeconds: number
}

/** Makes TLS of accepted sockets. */
export interface Handshakes {
  /** Begins one; a connection that fails is told and cut. */
  begin(connection: Connection): void
  close(): void
}

/** How long a ticket of a session can be used again, in seconds, and how long the keys are that seal tickets, in ms. */
const ticketSeconds = 300
const ticketKeysMs = 3_600_000

/** Octets of name, MAC and cipher that the platform takes for them. */
const ticketKeyLength = 48

/**
 * Opens what shakes hands, with its own timer for the keys of tickets: a key that is kept for as long as the process
 * lives would open all that was ever resumed by it.
 *
 * @param done is given each socket whose handshake is done and whose client may come in
 */
export function openHandshakes(
  { contexts, ask, handshakeSeconds }: HandshakeOptions,
  done: (socket: TLSSocket, connection: Connection) => void,
): Handshakes {
  // The platform's events name the TLS socket, which it makes by itself, and not the one that it was given.
  const current = new AsyncLocalStorage<Connection>()
  let swapsTaken = contexts.swaps
  const server = createServer({
    ...contexts.first(),
    SNICallback: (serverName, chosen) => chosen(null, contexts.current(serverName)),
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: ask !== undefined,
    rejectUnauthorized: ask === 'required',
    sessionTimeout: ticketSeconds,
    // Ours counts from the first octet of TCP, and comes first.
    handshakeTimeout: (handshakeSeconds + 1) * 1000,
  })
  const changeKeys = (): void => void server.setTicketKeys(randomBytes(ticketKeyLength))
  changeKeys()
  const keysTimer = setInterval(changeKeys, ticketKeysMs).unref()
  server.on('secureConnection', (socket) => {
    const connection = current.getStore()
    // Whose certificate it is must never be mistaken: both have to be one and the same.
    if (connection === undefined || connection.ends.port !== socket.remotePort) socket.destroy()
    else done(socket, connection)
  })
  server.on('tlsClientError', (error, socket) => {
    current.getStore()?.refused(tlsRefusal(error, judgementOf(socket)))
    socket.destroy()
  })
  return {
    begin(connection) {
      if (swapsTaken !== contexts.swaps) {
        swapsTaken = contexts.swaps
        // Whoever asks for no name gets this one; with it go all tickets of before.
        server.setSecureContext(contexts.first())
        changeKeys()
      }
      // What the platform says of a handshake at its close, it says while the socket below says so: ours comes first.
      connection.raw.prependOnceListener('close', () => current.enterWith(connection))
      current.run(connection, () => server.emit('connection', connection.raw))
    },
    close() {
      clearInterval(keysTimer)
    },
  }

  function judgementOf(socket: TLSSocket): string | undefined {
    const word: unknown = socket.authorizationError
    return ask === 'required' && typeof word === 'string' ? word : undefined
  }
}

/** What is known of a connection when its handshake is done. */
export function handshakeFacts(socket: TLSSocket, clock: Clock) {
  const serverName = shownName(typeof socket.servername === 'string' ? socket.servername : undefined)
  const certificateSha256 = verifiedCertificate(socket, clock.now())
  return {
    tlsVersion: socket.getProtocol() === 'TLSv1.3' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    protocol: socket.alpnProtocol === 'h2' ? ('h2' as const) : ('http/1.1' as const),
    ...(serverName !== undefined && { serverName }),
    ...(certificateSha256 !== undefined && { certificateSha256 }),
  }
}

/** A session that is resumed was verified when it began: the dates are looked at again. */
function verifiedCertificate(socket: TLSSocket, nowMs: number): string | undefined {
  if (!socket.authorized) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  if (nowMs < certificate.validFromDate.getTime() || nowMs > certificate.validToDate.getTime()) return undefined
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase()
}
