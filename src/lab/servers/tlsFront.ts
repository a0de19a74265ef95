import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { readFirstOctets } from '../../wire/clientHello.ts'
import { dated } from './dated.ts'
import { type Doorway, openDoorway } from './doorway.ts'
import type { CertificateKind, Pki } from './pki.ts'

/** What a front does with a connection, once it knows the name that the client asks for. */
export type Conduct =
  /** TLS as it should be, or with one thing wrong: the certificate, the versions, or the words spoken inside. */
  | {
      readonly does: 'serve'
      readonly certificate: CertificateKind
      /** `old`: TLS 1.0 and 1.1 only; `all`: those as well; else that one version. */
      readonly versions?: 'old' | 'all' | 'TLSv1.2' | 'TLSv1.3'
      /** `asked` for a certificate, and let in without one; `with-certificate`: whoever shows none is turned away (RFC 8446 §4.4.2.4). */
      readonly clients?: 'asked' | 'with-certificate'
      /** The one group for the key exchange that is taken; default: those of Node. */
      readonly group?: 'X25519MLKEM768'
      /** In place of the front's own answers. */
      readonly answers?: RequestListener
      /** A ClientHello that does not fit one packet is met with RST, as by a device that cannot read it. */
      readonly longHellos?: 'reset'
    }
  /** RST as soon as the ClientHello has been read. */
  | { readonly does: 'reset' }
  /** Accepts, reads, and never says a word. */
  | { readonly does: 'stay-silent' }
  /** Takes the connection and ends it again, before anything is said. */
  | { readonly does: 'hang-up' }
  /** Octets of no protocol, whatever is asked. */
  | { readonly does: 'babble' }
  /** HTTP without TLS. */
  | { readonly does: 'speak-http'; readonly answers?: RequestListener }

type Serving = Conduct & { readonly does: 'serve' }

/** The servers behind a front that give one set of answers; none of them listens, connections are handed to them. */
interface Stage {
  readonly http: HttpServer
  /** By what they present. */
  readonly tls: Map<string, Promise<TlsServer>>
}

export interface TlsFrontOptions {
  readonly pki: Pki
  readonly address: string
  readonly port: number
  /** The name of the certificate that a client gets who asks for no name, or for one that is not served here. */
  readonly name: string
  /** Further names that the front has certificates for. */
  readonly serves?: (name: string) => boolean
  readonly usual?: Conduct
  readonly answers: RequestListener
  /** What the Date field of its answers tells, in milliseconds since 1970; default: the machine's clock. */
  readonly clock?: () => number
  /** Takes over when a client of these answers wants another protocol on the same connection (RFC 9110 §7.8); default: nobody does. */
  readonly upgrades?: (request: IncomingMessage, socket: Duplex) => void
}

/** A TLS server of several names behind one port, whose conduct can be changed name by name while it runs. */
export interface TlsFront {
  readonly door: Doorway
  /** Changes what happens to one name, or to all (`*`); returns what undoes it. */
  conduct(name: string, conduct: Conduct): () => void
  /** Makes the certificates of names ahead of the first client, who would otherwise wait for them. */
  prepare(names: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** No record of TLS, no line of text: the same octets each time. */
const babble = Buffer.from(Array.from({ length: 64 }, (_, at) => 0x80 | ((at * 37 + 11) & 0x7f)))

/** What fits one packet on common paths, in octets. */
const onePacket = 1400

/** More than any ClientHello takes (RFC 8446 bounds its extensions at 64 KiB); what is longer is not waited for. */
const mostFirstOctets = 70_000

export async function openTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const { pki } = options
  const usual: Conduct = options.usual ?? { does: 'serve', certificate: 'genuine' }
  const conducts = new Map<string, Conduct>()
  const stages = new Map<RequestListener, Stage>()

  const stageFor = (answers: RequestListener): Stage => {
    const known = stages.get(answers)
    if (known !== undefined) return known
    const stage = { http: createHttpServer(dated(answers, options.clock)), tls: new Map() }
    if (options.upgrades !== undefined && answers === options.answers) stage.http.on('upgrade', options.upgrades)
    stages.set(answers, stage)
    return stage
  }

  const makeTls = async (conduct: Serving, name: string, http: HttpServer): Promise<TlsServer> => {
    const { keyPem, chainPem } = await pki.certificate(conduct.certificate, name)
    const server = createTlsServer({
      key: keyPem,
      cert: chainPem,
      ALPNProtocols: ['http/1.1'],
      // OpenSSL speaks the versions before 1.2, and presents a short key, only at security level 0.
      ...(conduct.versions === 'old' && { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }),
      ...(conduct.versions === 'all' && { minVersion: 'TLSv1', maxVersion: 'TLSv1.3' }),
      ...((conduct.versions === 'old' || conduct.versions === 'all' || conduct.certificate === 'weak-key') && {
        ciphers: 'DEFAULT@SECLEVEL=0',
      }),
      ...((conduct.versions === 'TLSv1.2' || conduct.versions === 'TLSv1.3') && {
        minVersion: conduct.versions,
        maxVersion: conduct.versions,
      }),
      ...(conduct.clients !== undefined && {
        requestCert: true,
        rejectUnauthorized: conduct.clients === 'with-certificate',
      }),
      ...(conduct.group !== undefined && { ecdhCurve: conduct.group }),
    })
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    server.on('secureConnection', (secure) => http.emit('connection', secure))
    return server
  }

  const tlsFor = (conduct: Serving, asked?: string): Promise<TlsServer> => {
    const name = asked !== undefined && options.serves?.(asked) === true ? asked : options.name
    const { http, tls } = stageFor(conduct.answers ?? options.answers)
    const { certificate, versions = '', clients = '', group = '' } = conduct
    const key = [certificate, versions, clients, group, name].join(' ')
    const server = tls.get(key) ?? makeTls(conduct, name, http)
    tls.set(key, server)
    return server
  }

  const serve = async (socket: Socket, conduct: Serving, asked?: string): Promise<void> => {
    const ready = await tlsFor(conduct, asked)
    if (!socket.destroyed) ready.emit('connection', socket)
  }

  const meet = (socket: Socket, octets: number, asked?: string): void => {
    const conduct = conducts.get(asked ?? '') ?? conducts.get('*') ?? usual
    switch (conduct.does) {
      case 'serve':
        if (conduct.longHellos === 'reset' && octets > onePacket) {
          socket.resetAndDestroy()
          return
        }
        void serve(socket, conduct, asked)
        return
      case 'reset':
        socket.resetAndDestroy()
        return
      case 'stay-silent':
        socket.resume()
        return
      case 'hang-up':
        socket.end()
        socket.resume()
        return
      case 'babble':
        socket.end(babble)
        socket.resume()
        return
      case 'speak-http':
        stageFor(conduct.answers ?? options.answers).http.emit('connection', socket)
        // The peek left it paused; TLS pulls by itself, the HTTP parser waits to be fed.
        socket.resume()
        return
      default:
        conduct satisfies never
    }
  }

  const door = await openDoorway(options, (socket) => {
    if ((conducts.get('*') ?? usual).does === 'hang-up') meet(socket, 0)
    else peek(socket, meet)
  })

  return {
    door,
    conduct(name, conduct) {
      const before = conducts.get(name)
      conducts.set(name, conduct)
      return () => {
        if (before === undefined) conducts.delete(name)
        else conducts.set(name, before)
      }
    },
    async prepare(names) {
      if (usual.does === 'serve') await Promise.all(names.map((name) => tlsFor(usual, name)))
    },
    close: () => door.close(),
  }
}

/** Looks at what a client says first, and puts it back. */
function peek(socket: Socket, then: (socket: Socket, octets: number, asked?: string) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const look = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk])
    const first = readFirstOctets(seen)
    if (first.kind === 'incomplete' && seen.length < mostFirstOctets) return
    socket.off('data', look)
    socket.pause()
    socket.unshift(seen)
    then(socket, seen.length, first.kind === 'client-hello' ? first.serverName : undefined)
  }
  socket.on('data', look)
}
