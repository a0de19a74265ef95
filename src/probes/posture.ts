import type { HandshakeQuestion, Limits, Net } from '../net/net.ts'
import { dial } from './dial.ts'
import type { Keep, Question } from './probe.ts'

type Offer = Omit<HandshakeQuestion, 'address' | 'port'>

/** A name that no server has (RFC 2606): what is presented for it is what is presented for anything. */
export const strangeName = 'postern.invalid'

type Varied = 'tls-version' | 'hello-size' | 'server-name'

/** Those first that a server of today takes: the others may cost a whole wait each. */
const versions = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] as const

/**
 * Asks a TLS server that works what else it takes, with a connection each: a long ClientHello, a name that is not its own,
 * and every version by itself. One after the other, so that what allows only so many connections at once is not taken for
 * the server's answer. A long hello that gets no answer is sent once more, since one packet may be lost; nothing else is
 * repeated.
 */
export async function observePosture(question: Question, net: Net, keep: Keep, limits: Limits): Promise<void> {
  const { name } = question
  const named = name === undefined ? {} : { serverName: name }
  const ask = (offered: Offer, varies: Varied): Promise<number | undefined> =>
    offer(question, offered, varies, net, keep, limits)
  const long: Offer = { ...named, hello: 'post-quantum' }
  const heard = await ask(long, 'hello-size')
  if (heard === 0) await ask(long, 'hello-size')
  await ask({ serverName: strangeName }, 'server-name')
  for (const version of versions) await ask({ ...named, minVersion: version, maxVersion: version }, 'tls-version')
}

/** @returns the octets that came, or undefined where no connection stood, or the time is over */
async function offer(
  question: Question,
  offered: Offer,
  varies: Varied,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<number | undefined> {
  if (limits.signal.aborted) return undefined
  const as = { role: 'posture', varies } as const
  const socket = await dial(question, net, (seen) => keep(seen, as), limits)
  if (socket === undefined) return undefined
  const { address, via } = question
  const asked = { address, port: via?.port ?? question.port, ...offered }
  const { seen, socket: secure } = await net.handshake(socket, asked, limits)
  secure?.destroy()
  keep(via === undefined ? seen : { ...seen, through: via.proxy }, as)
  return seen.bytesIn
}
