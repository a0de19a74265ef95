import type { Socket } from 'node:net'
import type { ServiceExchange, Unfiled } from '../model/observation.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Limits, Net } from '../net/net.ts'
import { noAnswer } from '../wire/answerLength.ts'
import { encodeAdwsPreamble, lengthOfFramingAnswer, readFramingAnswer } from '../wire/messageFraming.ts'
import type { ServiceAsk } from './askService.ts'
import { askService } from './askService.ts'
import { dial } from './dial.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  const ask: ServiceAsk = {
    asked: 'framing-preamble',
    octets: encodeAdwsPreamble(question.name ?? question.address),
    lengthOf: lengthOfFramingAnswer,
    read: answerOf,
  }
  keep(await heardOut(await askService(socket, ask, question, net, limits), socket, net, limits))
  socket.destroy()
}

/** How long nothing may follow an octet that agrees, in milliseconds. */
const quietMs = 250

/**
 * What agrees to an upgrade is one octet, and a line feed to other services. The service waits for its client then
 * (MC-NMF §3.1.4.7): who says more without being asked, or leaves, has not agreed.
 */
async function heardOut(
  exchange: Unfiled<ServiceExchange>,
  socket: Socket,
  net: Net,
  limits: Limits,
): Promise<Unfiled<ServiceExchange>> {
  const { answer, ...seen } = exchange
  if (answer?.kind !== 'framing' || answer.said === 'fault') return exchange
  const timeoutMs = Math.min(quietMs, limits.timeoutMs)
  const more = await net.askOctets(
    socket,
    { octets: new Uint8Array(), lengthOf: () => noAnswer('more was said without being asked') },
    { ...limits, timeoutMs },
  )
  const { outcome, code, bytesIn, firstOctets = '' } = more.seen
  if (outcome === 'timeout' || outcome === 'aborted') return exchange
  return {
    ...seen,
    outcome,
    ...(code !== undefined && { code }),
    bytesIn: seen.bytesIn + bytesIn,
    firstOctets: `${answer.said === 'upgrade' ? '\\x0A' : '\\x0B'}${firstOctets}`,
    detail: 'an octet that agrees to an upgrade, and the other end did not wait for what follows it',
  }
}

function answerOf(octets: Uint8Array): ServiceAnswer | { readonly why: string } {
  const answer = readFramingAnswer(octets)
  switch (answer.kind) {
    case 'upgrade':
    case 'acknowledged':
      return { kind: 'framing', said: answer.kind }
    case 'fault':
      return { kind: 'framing', said: 'fault', fault: answer.name ?? answer.uri }
    case 'other':
      return { why: answer.why }
    default:
      return answer satisfies never
  }
}
