import type { TlsHandshake, Unfiled } from '../model/observation.ts'
import type { HandshakeQuestion, Limits, Net } from '../net/net.ts'
import type { Keep, Question } from './probe.ts'

type Shaken = Awaited<ReturnType<Net['handshake']>>
type Versions = Pick<HandshakeQuestion, 'minVersion' | 'maxVersion'>

/** What the first offer, TLS 1.2 and 1.3, is varied to, by how it failed. */
const older: Versions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }
const onlyTls12: Versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }

const protocolVersion = 70
const handshakeFailure = 40

/**
 * Connects and shakes hands, with issuers fetched where the chain is short. A failure that can be a matter of versions
 * is followed by one control that offers others.
 *
 * @returns the connection under TLS, when it was established: the caller closes it
 */
export async function shakeHands(
  question: Question,
  alpn: readonly string[],
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<Shaken['socket']> {
  const shaken = await attempt(question, { alpn, fetchIssuers: true }, net, keep, limits)
  if (shaken === undefined) return undefined
  keep(shaken.seen)
  for (const fetched of shaken.fetched) keep(fetched)
  const varied = variedOffer(shaken.seen)
  if (varied !== undefined) {
    const as = { role: 'control', varies: 'tls-version' } as const
    const control = await attempt(question, { alpn, ...varied }, net, (seen) => keep(seen, as), limits)
    control?.socket?.destroy()
    if (control !== undefined) keep(control.seen, as)
  }
  return shaken.socket
}

async function attempt(
  { address, port, name }: Question,
  offer: Omit<HandshakeQuestion, 'address' | 'port' | 'serverName'>,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<Shaken | undefined> {
  const { seen, socket } = await net.connect({ address, port }, limits)
  keep(seen)
  if (socket === undefined) return undefined
  return net.handshake(socket, { address, port, ...(name !== undefined && { serverName: name }), ...offer }, limits)
}

/** Silence is not asked again: a control would cost a second full wait and, as a rule, find silence. */
function variedOffer({ outcome, alert, clientCertificateRequested }: Unfiled<TlsHandshake>): Versions | undefined {
  switch (outcome) {
    case 'alert':
      // A server that wanted a client certificate has agreed on the version before it gave up.
      if (clientCertificateRequested) return undefined
      return alert?.number === protocolVersion || alert?.number === handshakeFailure ? older : undefined
    case 'reset':
    case 'closed':
      return onlyTls12
    case 'established':
    case 'timeout':
    case 'not-tls':
    case 'local-refusal':
    case 'aborted':
    case 'error':
      return undefined
    default:
      return outcome satisfies never
  }
}
