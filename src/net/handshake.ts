import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'
import type { TlsHandshake, Unfiled } from '../model/observation.ts'
import { asciiName } from './asciiName.ts'
import type { ChainFollower, FollowedChain, HadCertificate } from './chain.ts'
import type { Clock } from './clock.ts'
import { msSince } from './clock.ts'
import type { HandshakeEnd } from './handshakeFailure.ts'
import { handshakeFailure } from './handshakeFailure.ts'
import type { HandshakeQuestion, Limits } from './net.ts'
import type { createSecureContexts } from './secureContexts.ts'
import { Tap } from './tap.ts'
import { wait } from './wait.ts'

/** What a handshake needs besides its question. */
export interface HandshakeTools {
  readonly clock: Clock
  readonly contexts: ReturnType<typeof createSecureContexts>
  readonly chains: ChainFollower
}

/** A handshake's observation with the certificates themselves, so that a short chain can be completed. */
export interface Handshaken {
  readonly seen: Unfiled<TlsHandshake>
  readonly sent: readonly HadCertificate[]
  readonly followed: FollowedChain
  /** The OCSP answer that came with the handshake (RFC 6066 §8), unread. */
  readonly staple?: Uint8Array
  readonly socket?: TLSSocket
}

/** What is read of a connection at the moment at which it is established: it may be gone at the next. */
interface Established {
  readonly socket: TLSSocket
  readonly ms: number
  readonly sent: readonly HadCertificate[]
  readonly version: string | null
  readonly cipher: string
  readonly clientCertificateRequested: boolean
}

/** Servers that send more are not listened to for longer: what is beyond takes part in no chain. */
const mostSent = 64

/**
 * One TLS handshake over an open connection. Nothing is refused for what the certificates say: dates, names and trust
 * are recorded and judged later.
 */
export async function handshake(
  over: Socket,
  question: HandshakeQuestion,
  limits: Limits,
  tools: HandshakeTools,
): Promise<Handshaken> {
  const { clock, contexts, chains } = tools
  const { address, port, minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', alpn = [], hello = 'small' } = question
  // SNI and certificates hold names without the dot of the root (RFC 6066 §3).
  const name = question.serverName === undefined ? undefined : asciiName(question.serverName).replace(/\.$/, '')
  const serverName = name !== undefined && isIP(name) === 0 ? name : undefined
  // The platform shakes hands with a socket of its own by itself; everything else passes through a second stream.
  const tap = question.keepOctets === true ? new Tap(over) : undefined
  const { bytesRead, bytesWritten } = over
  const at = new Date(clock.now()).toISOString()
  const startMs = clock.monotonicMs()
  const kept: { failedMs: number; helloOctets?: number; staple?: Uint8Array } = { failedMs: 0 }

  const end = await wait<HandshakeEnd | Established>(
    limits,
    (settle) => {
      if (over.destroyed) {
        settle(over.errored === null ? 'closed' : { error: over.errored })
        return () => {}
      }
      const socket = connectTls({
        socket: tap ?? over,
        secureContext: contexts(minVersion, maxVersion, hello),
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
        requestOCSP: true,
        ...(serverName !== undefined && { servername: serverName }),
        ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
      })
      // The hello is on its way by now; a tap passes it on a little later, and counts by itself.
      kept.helloOctets = over.bytesWritten - bytesWritten
      // The last listener stays: a reset after the handshake must not bring the process down.
      socket.on('error', (error) => settle({ error }))
      socket.once('OCSPResponse', (response: Buffer | null) => {
        if (response !== null && response.length > 0) kept.staple = response
      })
      socket.once('secureConnect', () => {
        const established = readEstablished(socket, msSince(clock, startMs))
        // Our last flight leaves after this event: a caller who closes inside of it would cut the handshake short.
        setImmediate(() => settle(established))
      })
      socket.once('close', () => settle('closed'))
      return (outcome) => {
        if (isEstablished(outcome)) return
        kept.failedMs = msSince(clock, startMs)
        socket.destroy()
      }
    },
    (ending) => ending,
  )

  const octets = tap?.firstOctets
  const helloOctets = tap?.firstWritten ?? kept.helloOctets ?? 0
  tap?.forget()
  const common = {
    kind: 'tls-handshake',
    at,
    ms: isEstablished(end) ? end.ms : kept.failedMs,
    address,
    port,
    ...(serverName !== undefined && { serverName }),
    offered: {
      minVersion,
      maxVersion,
      alpn,
      ...(hello === 'post-quantum' && { hello }),
      ...(helloOctets > 0 && { helloOctets }),
    },
    bytesOut: over.bytesWritten - bytesWritten,
    bytesIn: over.bytesRead - bytesRead,
    stapledOcsp: kept.staple !== undefined,
  } as const
  if (isEstablished(end)) {
    const { socket, sent, version, cipher, clientCertificateRequested } = end
    const followed = chains.follow(sent)
    const seen: Unfiled<TlsHandshake> = {
      ...common,
      outcome: 'established',
      ...(version !== null && { version }),
      cipher,
      ...(typeof socket.alpnProtocol === 'string' && { alpn: socket.alpnProtocol }),
      ...chainFacts(sent, followed, name),
      ...(clientCertificateRequested && { clientCertificateRequested }),
    }
    return { seen, sent, followed, socket, ...(kept.staple !== undefined && { staple: kept.staple }) }
  }

  over.destroy()
  const { certificates, ...failure } = handshakeFailure(end, common.bytesIn, octets)
  const sent = certificates.slice(0, mostSent).flatMap(readable)
  const followed = chains.follow(sent)
  return { seen: { ...common, ...failure, ...chainFacts(sent, followed, name) }, sent, followed }
}

function isEstablished(end: HandshakeEnd | Established): end is Established {
  return typeof end === 'object' && 'socket' in end
}

function readEstablished(socket: TLSSocket, ms: number): Established {
  return {
    socket,
    ms,
    sent: sentBy(socket),
    version: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    // A client shares signature algorithms with a server that asked it to sign (RFC 8446 §4.3.2), and with no other.
    clientCertificateRequested: socket.getSharedSigalgs().length > 0,
  }
}

/** The members of an observation that speak of the certificates. */
function chainFacts(
  sent: readonly HadCertificate[],
  { chain, anchoredIn, signaturesVerify }: FollowedChain,
  name: string | undefined,
): Pick<TlsHandshake, 'chain' | 'sentCertificates' | 'anchoredIn' | 'signaturesVerify' | 'nameMatches'> {
  const [leaf] = sent
  return {
    chain,
    sentCertificates: sent.length,
    anchoredIn,
    signaturesVerify,
    ...(name !== undefined && leaf !== undefined && { nameMatches: namesServer(leaf.certificate, name) }),
  }
}

/** The certificates in the order in which the server sent them. */
function sentBy(socket: TLSSocket): readonly HadCertificate[] {
  const sent: HadCertificate[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && sent.length < mostSent) {
    sent.push({ certificate, from: 'handshake' })
    certificate = certificate.issuerCertificate
  }
  return sent
}

function readable(der: Uint8Array): readonly HadCertificate[] {
  try {
    return [{ certificate: new X509Certificate(der), from: 'handshake' }]
  } catch {
    return []
  }
}

/** RFC 9525 §6: the subject alternative names alone count, and a wildcard stands for one whole label. */
function namesServer(leaf: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return leaf.checkIP(name) !== undefined
  return leaf.checkHost(name, { subject: 'never', wildcards: true, partialWildcards: false }) !== undefined
}
