import type { ServiceAnswer } from '../model/serviceAnswer.ts'
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
  keep(await askService(socket, ask, question, net, limits))
  socket.destroy()
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
