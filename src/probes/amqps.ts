import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import { encodeSaslHeader, lengthOfAmqpAnswer, readAmqpAnswer } from '../wire/amqp.ts'
import type { ServiceAsk } from './askService.ts'
import { askService } from './askService.ts'
import type { Observe } from './probe.ts'
import { shakeHands } from './shakeHands.ts'

const ask: ServiceAsk = {
  asked: 'amqp-header',
  octets: encodeSaslHeader(),
  lengthOf: lengthOfAmqpAnswer,
  read: answerOf,
}

export const observe: Observe = async (question, net, keep, limits) => {
  await shakeHands(question, [], net, keep, limits, async (socket) => {
    keep(await askService(socket, ask, question, net, limits, 'in-tls'))
  })
}

function answerOf(octets: Uint8Array): ServiceAnswer | { readonly why: string } {
  const answer = readAmqpAnswer(octets)
  switch (answer.kind) {
    case 'mechanisms':
      return { kind: 'amqp', mechanisms: answer.mechanisms }
    case 'header':
      return { kind: 'amqp', mechanisms: [] }
    case 'offers':
      return { kind: 'amqp-other', offered: answer.protocol }
    case 'other':
      return { why: answer.why }
    default:
      return answer satisfies never
  }
}
