import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'
import type { TlsHandshake, Unfiled } from '../model/observation.ts'
import { readServerFlight } from '../wire/tls-record.ts'
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
  readonly socket?: TLSSocket
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
  const { address, port, minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', alpn = [] } = question
  // SNI and certificates hold names without the dot of the root (RFC 6066 §3).
  const name = question.serverName === undefined ? undefined : asciiName(question.serverName).replace(/\.$/, '')
  const serverName = name !== undefined && isIP(name) === 0 ? name : undefined
  const tap = new Tap(over)
  const at = new Date(clock.now()).toISOString()
  const startMs = clock.monotonicMs()
  let ms = 0
  const kept: { socket?: TLSSocket; staple?: boolean } = {}

  const end = await wait<HandshakeEnd | 'established'>(
    limits,
    (settle) => {
      if (over.destroyed) {
        settle(over.errored === null ? 'closed' : { error: over.errored })
        return () => {}
      }
      const socket = connectTls({
        socket: tap,
        secureContext: contexts(minVersion, maxVersion),
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
        requestOCSP: true,
        ...(serverName !== undefined && { servername: serverName }),
        ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
      })
      kept.socket = socket
      // The last listener stays: a reset after the handshake must not bring the process down.
      socket.on('error', (error) => settle({ error }))
      socket.once('OCSPResponse', (response: Buffer | null) => {
        kept.staple = response !== null && response.length > 0
      })
      socket.once('secureConnect', () => settle('established'))
      socket.once('close', () => settle('closed'))
      return (outcome) => {
        ms = msSince(clock, startMs)
        if (outcome !== 'established') socket.destroy()
      }
    },
    (ending) => ending,
  )

  const { socket } = kept
  const common = {
    kind: 'tls-handshake',
    at,
    ms,
    address,
    port,
    ...(serverName !== undefined && { serverName }),
    offered: { minVersion, maxVersion, alpn },
    bytesOut: tap.bytesOut,
    bytesIn: tap.bytesIn,
    stapledOcsp: kept.staple === true,
  } as const
  if (end === 'established' && socket !== undefined) {
    const { clientCertificateRequested } = readServerFlight(tap.firstOctets)
    tap.forget()
    const sent = sentBy(socket)
    const followed = chains.follow(sent)
    const { standardName } = socket.getCipher()
    const version = socket.getProtocol()
    const seen: Unfiled<TlsHandshake> = {
      ...common,
      outcome: 'established',
      ...(version !== null && { version }),
      cipher: standardName,
      ...(typeof socket.alpnProtocol === 'string' && { alpn: socket.alpnProtocol }),
      ...chainFacts(sent, followed, name),
      ...(clientCertificateRequested && { clientCertificateRequested }),
    }
    return { seen, sent, followed, socket }
  }

  over.destroy()
  const { certificates, ...failure } = handshakeFailure(end === 'established' ? 'closed' : end, tap.firstOctets)
  tap.forget()
  const sent = certificates.slice(0, mostSent).flatMap(readable)
  const followed = chains.follow(sent)
  return { seen: { ...common, ...failure, ...chainFacts(sent, followed, name) }, sent, followed }
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
