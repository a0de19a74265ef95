import type { HandshakeQuestion, Limits, Net } from '../net/net.ts'
import { dial } from './dial.ts'
import type { Keep, Question } from './probe.ts'

type Offer = Omit<HandshakeQuestion, 'address' | 'port'>

/** A name that no server has (RFC 2606): what is presented for it is what is presented for anything. */
export const strangeName = 'postern.invalid'

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

/**
 * Asks a TLS server that works what else it takes, at once and with a connection each: every version by itself, a long
 * ClientHello, and a name that is not its own. A long hello that gets no answer is sent once more, since one packet may
 * be lost; nothing else is repeated.
 */
export async function observePosture(question: Question, net: Net, keep: Keep, limits: Limits): Promise<void> {
  const { name } = question
  const named = name === undefined ? {} : { serverName: name }
  await Promise.all([
    ...versions.map((version) =>
      offer(question, { ...named, minVersion: version, maxVersion: version }, 'tls-version', net, keep, limits),
    ),
    longHello({ ...named, hello: 'post-quantum' }),
    offer(question, { serverName: strangeName }, 'server-name', net, keep, limits),
  ])

  async function longHello(long: Offer): Promise<void> {
    const heard = await offer(question, long, 'hello-size', net, keep, limits)
    if (heard === 0) await offer(question, long, 'hello-size', net, keep, limits)
  }
}

/** @returns the octets that came, or undefined where no connection stood */
async function offer(
  question: Question,
  offered: Offer,
  varies: 'tls-version' | 'hello-size' | 'server-name',
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<number | undefined> {
  const as = { role: 'control', varies } as const
  const socket = await dial(question, net, (seen) => keep(seen, as), limits)
  if (socket === undefined) return undefined
  const { address, via } = question
  const asked = { address, port: via?.port ?? question.port, ...offered }
  const { seen, socket: secure } = await net.handshake(socket, asked, limits)
  secure?.destroy()
  keep(via === undefined ? seen : { ...seen, through: via.proxy }, as)
  return seen.bytesIn
}
