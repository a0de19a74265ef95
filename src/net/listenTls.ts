import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { GateLimits } from '../model/gate.ts'
import type { Clock } from './clock.ts'
import { errorCode } from './errno.ts'
import type { ListenHandlers } from './listened.ts'
import { openAdmission } from './listener/admission.ts'
import { Connection, endsOf } from './listener/connection.ts'
import { answerPlain, lookAtFirst } from './listener/firstOctet.ts'
import type { Handshakes } from './listener/handshakes.ts'
import { handshakeFacts, openHandshakes } from './listener/handshakes.ts'
import { serveHttp1 } from './listener/serveHttp1.ts'
import { serveHttp2 } from './listener/serveHttp2.ts'
import type { TlsContexts } from './tlsContexts.ts'

/** Where to listen. */
export interface ListenPlace {
  /** Absent: every address of this machine, IPv6 and IPv4. */
  readonly address?: string
  /** 0 takes any that is free. */
  readonly port: number
}

export interface ListenOptions {
  readonly places: readonly ListenPlace[]
  /** Whose certificates may be swapped while connections are open. */
  readonly contexts: TlsContexts
  readonly limits: GateLimits
  /** Absent: clients are asked for no certificate; `optional`: one that is not valid counts as none. */
  readonly clientCertificates?: 'optional' | 'required' | undefined
  readonly clock: Clock
}

/** A TLS listener with its connections. */
export interface Listener {
  /** Where it listens, with the ports that were really taken. */
  readonly places: readonly Required<ListenPlace>[]
  /** Connections that are open or shake hands. */
  readonly connections: number
  /**
   * Takes no connection any more, asks clients to go (`connection: close`, GOAWAY), lets open requests end, then cuts
   * what is left.
   *
   * @param seconds that open requests have, 0 or more
   */
  drain(seconds: number): Promise<void>
  /** Ends at once; open connections are cut. */
  close(): Promise<void>
}

export type Listened =
  | { readonly ok: Listener }
  /** The platform's word, such as EADDRINUSE or EACCES, and the place that it is about. */
  | { readonly error: string; readonly place: ListenPlace }

const backlog = 1024

/**
 * Listens for HTTP/1.1 and HTTP/2 over TLS. Connections are counted before TLS begins, framing is strict, and who is slow
 * or floods is cut: see {@link GateLimits} for the bounds. Each connection is told by `handlers.news`: refused once, or
 * opened and closed once.
 *
 * It is made of the platform's own parts, each of which listens at nothing: a socket is counted and looked at, then shakes
 * hands, then is given to the server of its version of HTTP. Node's server for both versions would take any socket, and
 * would keep to itself what it refuses.
 */
export async function listenTls(options: ListenOptions, handlers: ListenHandlers): Promise<Listened> {
  const { limits, clock, contexts } = options
  const admission = openAdmission(limits)
  const connections = new Set<Connection>()
  const http = { 'http/1.1': serveHttp1({ limits, handlers, clock }), h2: serveHttp2({ limits, handlers, clock }) }
  const handshakes = openHandshakes(
    { contexts, ask: options.clientCertificates, handshakeSeconds: limits.handshakeSeconds },
    secured,
  )
  let lastId = 0
  const whenEmpty: (() => void)[] = []

  function accept(raw: Socket): void {
    raw.on('error', () => {}) // what it means is told when it closes
    const ends = endsOf(raw)
    if (ends === undefined) return void raw.destroy()
    lastId += 1
    const connection = new Connection(lastId, raw, ends, clock, (news) => handlers.news(news))
    const place = admission.enter(ends.address)
    if ('why' in place) {
      connection.refused(place.why)
      return void raw.destroy()
    }
    connections.add(connection)
    raw.once('close', () => {
      place.leave()
      // After what the platform has to say of the end of a handshake.
      setImmediate(() => {
        connection.closed()
        connections.delete(connection)
        if (connections.size === 0) for (const resolve of whenEmpty.splice(0)) resolve()
      })
    })
    boundHandshake(connection, limits.handshakeSeconds)
    greet(connection, handshakes)
  }

  function secured(socket: TLSSocket, connection: Connection): void {
    connection.opened(handshakeFacts(socket, clock))
    const { listened } = connection
    if (listened === undefined) socket.destroy()
    else http[listened.protocol].serve(socket, connection)
  }

  const bound = await bindAll(options.places, accept)
  if ('error' in bound) {
    stop()
    return bound
  }
  const { servers } = bound

  function stop(): void {
    handshakes.close()
    for (const server of Object.values(http)) server.close()
  }

  /** Resolves when the last connection is closed. */
  async function closeServers(): Promise<void> {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
    // News of the last connection comes behind its close.
    if (connections.size > 0) await new Promise<void>((resolve) => whenEmpty.push(resolve))
    stop()
  }
  const cut = (): void => {
    for (const { raw } of connections) raw.destroy()
  }

  return {
    ok: {
      places: servers.map(placeOf),
      get connections() {
        return connections.size
      },
      async drain(seconds) {
        const closed = closeServers()
        for (const server of Object.values(http)) server.drain()
        const timer = setTimeout(cut, seconds * 1000)
        await closed
        clearTimeout(timer)
      },
      async close() {
        const closed = closeServers()
        cut()
        await closed
      },
    },
  }
}

/** Cuts a connection whose handshake takes longer. */
function boundHandshake(connection: Connection, seconds: number): void {
  const { raw } = connection
  const timer = setTimeout(() => {
    connection.refused('handshake-timeout')
    raw.destroy()
  }, seconds * 1000)
  connection.whenShaken(() => clearTimeout(timer))
  raw.once('close', () => clearTimeout(timer))
}

/** Begins what the first octets ask for. */
function greet(connection: Connection, handshakes: Handshakes): void {
  const { raw } = connection
  lookAtFirst(raw, (beginning, octets) => {
    connection.greeted(octets)
    if (beginning === 'tls') return handshakes.begin(connection)
    connection.refused(beginning)
    if (beginning === 'plain-http') answerPlain(raw)
    else raw.destroy()
  })
}

type BoundServers = { readonly servers: readonly Server[] } | { readonly error: string; readonly place: ListenPlace }

/** All places or none. */
async function bindAll(places: readonly ListenPlace[], accept: (raw: Socket) => void): Promise<BoundServers> {
  const servers: Server[] = []
  for (const place of places) {
    const bound = await bind(place, hasTwin(place, places), accept)
    if ('server' in bound) {
      servers.push(bound.server)
      continue
    }
    for (const server of servers) server.close()
    return { error: bound.error, place }
  }
  return { servers }
}

/** Whether every address of IPv4 is listed too: `::` would take those as well. */
function hasTwin({ address, port }: ListenPlace, places: readonly ListenPlace[]): boolean {
  return address === '::' && places.some((other) => other.address === '0.0.0.0' && other.port === port)
}

function bind(
  { address, port }: ListenPlace,
  ipv6Only: boolean,
  accept: (raw: Socket) => void,
): Promise<{ readonly server: Server } | { readonly error: string }> {
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, accept)
    server.once('error', (error) => resolve({ error: errorCode(error) ?? 'unknown' }))
    server.listen({ ...(address !== undefined && { host: address }), port, backlog, ipv6Only, exclusive: true }, () => {
      // From here on it is accepting that fails, for want of descriptors: the next may succeed.
      server.on('error', () => {})
      resolve({ server })
    })
  })
}

function placeOf(server: Server): Required<ListenPlace> {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new TypeError('a listener of TCP has an address')
  return { address: bound.address, port: bound.port }
}
