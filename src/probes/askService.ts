import type { Socket } from 'node:net'
import type { ServiceExchange, UdpExchange, Unfiled } from '../model/observation.ts'
import type { ServiceAnswer, ServiceQuestion } from '../model/serviceAnswer.ts'
import type { OctetQuestion } from '../net/askOctets.ts'
import type { Limits, Net } from '../net/net.ts'
import { observeTwice } from './askTwice.ts'
import { proxyOf } from './dial.ts'
import type { Keep, Question } from './probe.ts'

/** One question in a service's own protocol, and how what comes is read. */
export interface ServiceAsk extends OctetQuestion {
  readonly asked: ServiceQuestion
  /** What it is about, where the question alone does not say it: a realm, an interface, a domain. */
  readonly of?: string
  /**
   * Reads a whole answer.
   *
   * @param nowMs what this machine's clock said in the middle between question and answer, in milliseconds since 1970
   * @returns the answer, or why what came is none
   */
  read(octets: Uint8Array, nowMs: number): ServiceAnswer | { readonly why: string }
}

/** A datagram's question has no length of an answer: each is whole. */
export type DatagramAsk = Omit<ServiceAsk, 'lengthOf'>

/**
 * Asks a service over a connection that stands, under TLS or not, which stays open where an answer came: the caller
 * closes it.
 */
export async function askService(
  over: Socket,
  ask: ServiceAsk,
  question: Question,
  net: Net,
  limits: Limits,
  inTls?: 'in-tls',
): Promise<Unfiled<ServiceExchange>> {
  const { seen, answer } = await net.askOctets(over, ask, limits)
  const through = proxyOf(question)
  const read = answer && ask.read(answer, middleOf(seen))
  return {
    kind: 'service-exchange',
    ...seen,
    ...(through && { through: through.name }),
    address: question.address,
    port: through?.port ?? question.port,
    ...(inTls && { inTls: true as const }),
    asked: ask.asked,
    ...(ask.of !== undefined && { of: ask.of }),
    ...(read && ('kind' in read ? { answer: read } : { outcome: 'other-protocol' as const, detail: read.why })),
  }
}

/**
 * Asks a service by one datagram, and once more where nothing answers: one that is lost looks like silence.
 *
 * @param newAsk makes each question anew: to octets that it was asked before, a KDC repeats its answer, the time included
 */
export async function askByDatagram(
  newAsk: () => DatagramAsk,
  { address, port }: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  const once = async (within: Limits): Promise<Unfiled<UdpExchange>> => {
    const ask = newAsk()
    const isOurs = (octets: Uint8Array): boolean => 'kind' in ask.read(octets, net.now())
    const { seen, answer } = await net.datagram({ address, port }, ask.octets, within, isOurs)
    const read = answer && ask.read(answer, middleOf(seen))
    return {
      ...seen,
      asked: ask.asked,
      ...(ask.of !== undefined && { of: ask.of }),
      ...(read && ('kind' in read ? { answer: read } : { detail: read.why })),
    }
  }
  await observeTwice(once, keep, limits)
}

/** Half of the way there and back is the best guess of when the server looked at its clock. */
function middleOf({ at, ms }: { readonly at: string; readonly ms: number }): number {
  return Date.parse(at) + ms / 2
}
