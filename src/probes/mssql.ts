import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import { encodePreLogin, lengthOfPreLoginAnswer, readPreLoginAnswer } from '../wire/tds.ts'
import type { ServiceAsk } from './askService.ts'
import { askService } from './askService.ts'
import { dial } from './dial.ts'
import type { Observe } from './probe.ts'

const ask: ServiceAsk = {
  asked: 'tds-pre-login',
  octets: encodePreLogin(),
  lengthOf: lengthOfPreLoginAnswer,
  read: answerOf,
}

export const observe: Observe = async (question, net, keep, limits) => {
  const socket = await dial(question, net, keep, limits)
  if (socket === undefined) return
  keep(await askService(socket, ask, question, net, limits))
  socket.destroy()
}

function answerOf(octets: Uint8Array): ServiceAnswer | { readonly why: string } {
  const answer = readPreLoginAnswer(octets)
  if (answer.kind === 'other') return { why: answer.why }
  const { version, product, encryption = 'unknown' } = answer
  return { kind: 'tds', version, ...(product !== undefined && { product }), encryption }
}
