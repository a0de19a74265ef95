import type { TlsHandshake, Unfiled } from '../model/observation.ts'
import type { HandshakeQuestion, Limits, Net } from '../net/net.ts'
import { dial, proxyOf } from './dial.ts'
import type { Keep, Question } from './probe.ts'

type Shaken = Awaited<ReturnType<Net['handshake']>>
type Offer = Omit<HandshakeQuestion, 'address' | 'port' | 'serverName'>
type Versions = Pick<HandshakeQuestion, 'minVersion' | 'maxVersion'>

/** What the first offer, TLS 1.2 and 1.3, is varied to, by how it failed. */
const older: Versions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }
const onlyTls12: Versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }

const protocolVersion = 70
const handshakeFailure = 40

/**
 * Connects and shakes hands, with issuers fetched where the chain is short, and asks for the state of the certificates
 * where a trust store vouches for them: on the way that the question goes, while `speak` goes on. A failure in which the
 * server had said something is repeated once to keep what it says: the handshake of the platform alone, which is the
 * quicker one, keeps none of it. A failure that can be a matter of versions is followed by one control that offers others.
 *
 * @param speak what is said over the connection, once it is established; it is closed afterwards
 */
export async function shakeHands(
  question: Question,
  alpn: readonly string[],
  net: Net,
  keep: Keep,
  limits: Limits,
  speak: (socket: NonNullable<Shaken['socket']>) => Promise<void> = async () => {},
): Promise<void> {
  const first = await attempt(question, { alpn, fetchIssuers: true }, net, keep, limits)
  if (first === undefined) return
  keep(first.seen)
  for (const fetched of first.fetched) keep(fetched)
  const compare = async (offer: Offer, as: NonNullable<Parameters<Keep>[1]>): Promise<Shaken | undefined> => {
    const made = await attempt(question, { alpn, keepOctets: true, ...offer }, net, (seen) => keep(seen, as), limits)
    made?.socket?.destroy()
    if (made !== undefined) keep(made.seen, as)
    return made
  }
  const heard = saidMore(first.seen) ? await compare({}, { role: 'repeat' }) : undefined
  const varied = variedOffer((heard ?? first).seen)
  if (varied !== undefined) await compare(varied, { role: 'control', varies: 'tls-version' })
  const { socket, verified } = first
  if (socket === undefined) return
  const said = async (): Promise<void> => speak(socket).finally(() => socket.destroy())
  await Promise.all([said(), askRevocation(verified, question, net, keep, limits)])
}

async function askRevocation(
  chain: Shaken['verified'],
  question: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  if (chain === undefined) return
  for (const told of await net.revocation(chain, limits, proxyOf(question))) keep(told)
}

/** One connection and one handshake, on the way that the question goes. */
export async function attempt(
  question: Question,
  offer: Offer,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<Shaken | undefined> {
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return undefined
  const { address, name } = question
  const through = proxyOf(question)
  const asked = {
    address,
    port: through?.port ?? question.port,
    ...(name !== undefined && { serverName: name }),
    ...(through && { through }),
    ...offer,
  }
  const shaken = await net.handshake(socket, asked, limits)
  return through === undefined ? shaken : { ...shaken, seen: { ...shaken.seen, through: through.name } }
}

/** Octets of a record that is a fatal alert and nothing else (RFC 8446 §5.1 and §6): its number is known from it. */
const alertRecordLength = 7

/** Whether a server that did not agree had said more than its observation tells. */
function saidMore({ outcome, bytesIn }: Unfiled<TlsHandshake>): boolean {
  switch (outcome) {
    case 'alert':
      return bytesIn > alertRecordLength
    case 'reset':
    case 'closed':
    case 'timeout':
    case 'not-tls':
    case 'local-refusal':
    case 'error':
      return bytesIn > 0
    case 'established':
    case 'aborted':
      return false
    default:
      return outcome satisfies never
  }
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
