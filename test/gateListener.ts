/** A listener of the gate over real sockets, and clients that say exactly what a test wants. */
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import type { TestContext } from 'node:test'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { GateLimits } from '../src/model/gate.ts'
import { systemClock } from '../src/net/clock.ts'
import type { ConnectionNews, ListenHandlers } from '../src/net/listened.ts'
import type { Listener, ListenOptions } from '../src/net/listenTls.ts'
import { listenTls } from '../src/net/listenTls.ts'
import type { TlsContexts } from '../src/net/tlsContexts.ts'
import { openTlsContexts } from '../src/net/tlsContexts.ts'
import type { MadeCertificate } from './pki.ts'
import { makeCertificate } from './pki.ts'

/** Bounds that no test reaches by accident. */
const wideLimits: GateLimits = {
  handshakeSeconds: 60,
  headSeconds: 60,
  headOctets: 65_536,
  headFields: 128,
  bodyOctets: 1_000_000,
  bodyIdleSeconds: 60,
  idleSeconds: 60,
  connections: 1000,
  connectionsPerAddress: 1000,
  requestsPerAddress: 1000,
  requestsPerIdentity: 1000,
  exchangesPerAddress: 1000,
  exchangesPerIdentity: 1000,
  drainSeconds: 10,
}

export interface ListenWish {
  readonly limits?: Partial<GateLimits>
  readonly handlers?: Partial<ListenHandlers>
  readonly clientCertificates?: ListenOptions['clientCertificates']
  /** PEM texts. */
  readonly authorities?: readonly string[]
  readonly contexts?: TlsContexts
  readonly places?: ListenOptions['places']
}

export interface OpenedListener {
  readonly listener: Listener
  readonly port: number
  readonly news: readonly ConnectionNews[]
  /** Targets of the requests that got through. */
  readonly targets: readonly string[]
  /** Resolves when so much has been told. */
  told(isEnough: (news: readonly ConnectionNews[]) => boolean): Promise<void>
}

/** A certificate of its own for `gate.example`, of a root that clients here need not trust. */
export function certificateFor(...names: readonly string[]): Promise<MadeCertificate> {
  return makeCertificate({
    subject: `CN=${names[0]}`,
    names: names.map((value) => ({ type: 'dns', value })),
    servesTls: true,
  })
}

export async function openListener(t: Pick<TestContext, 'after'>, wish: ListenWish = {}): Promise<OpenedListener> {
  const news: ConnectionNews[] = []
  const targets: string[] = []
  const waiting = new Set<() => void>()
  const contexts = wish.contexts ?? (await contextsOf(wish.authorities ?? [], await certificateFor('gate.example')))
  const opened = await listenTls(
    {
      places: wish.places ?? [{ address: '127.0.0.1', port: 0 }],
      contexts,
      limits: { ...wideLimits, ...wish.limits },
      clientCertificates: wish.clientCertificates,
      clock: systemClock,
    },
    {
      request(request, response, connection) {
        targets.push(request.url ?? '')
        if (wish.handlers?.request !== undefined) return wish.handlers.request(request, response, connection)
        request.resume()
        response.end('well')
      },
      upgrade(request, socket, head, connection) {
        wish.handlers?.upgrade?.(request, socket, head, connection)
      },
      news(one) {
        news.push(one)
        wish.handlers?.news?.(one)
        for (const look of waiting) look()
      },
    },
  )
  if (!('ok' in opened)) throw new Error(opened.error)
  const listener = opened.ok
  t.after(() => listener.close())
  return {
    listener,
    port: listener.places[0]?.port ?? 0,
    news,
    targets,
    told(isEnough) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!isEnough(news)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
    },
  }
}

export async function contextsOf(
  authorities: readonly string[],
  ...made: readonly MadeCertificate[]
): Promise<TlsContexts> {
  const pairs = made.map(({ pem, keyPem }) => ({ chainPem: pem, keyPem }))
  const opened = openTlsContexts({ pairs, authorities })
  if (!('ok' in opened)) throw new Error(opened.error)
  return opened.ok
}

/** Reasons of what was refused, in order. */
export function refusalsIn(news: readonly ConnectionNews[]): readonly string[] {
  return news.flatMap((one) => (one.kind === 'refused' ? [one.why] : []))
}

/** Whether so many connections were refused. */
export const refusedTimes =
  (count: number) =>
  (news: readonly ConnectionNews[]): boolean =>
    refusalsIn(news).length >= count

/** A client that believes any certificate, its handshake done; its errors are its own. */
export async function shaken(port: number, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'gate.example',
    rejectUnauthorized: false,
    ...more,
  })
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}

/** How a handshake ends for a client: `done`, or the code of its error. */
export async function handshakeOf(port: number, more: ConnectionOptions = {}): Promise<string> {
  try {
    const socket = await shaken(port, more)
    // A server of TLS 1.3 judges the client when that believes to be done.
    const text = await ask(socket, 'GET / HTTP/1.1\r\nhost: gate.example\r\nconnection: close\r\n\r\n')
    return text === '' ? 'closed' : 'done'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

/** Sends octets as they are and reads until the server closes. */
export function ask(socket: TLSSocket, octets: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.once('close', () => resolve(text))
    socket.write(octets)
  })
}

/** What a plain TCP client reads that sends these octets, until the server closes. */
export function askPlain(port: number, octets: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connectPlain(port, '127.0.0.1', () => socket.write(octets))
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(text))
  })
}
