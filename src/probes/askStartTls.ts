import type { Socket } from 'node:net'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Limits, Net } from '../net/net.ts'
import { readLdapAnswer, startTlsRequest } from '../wire/ldap.ts'
import { printableOctets } from '../wire/printable-octets.ts'
import { lengthOfAnswer, resultOf } from './askRootDse.ts'
import { askService } from './askService.ts'
import { proxyOf } from './dial.ts'
import type { Keep, Question } from './probe.ts'

/** The second request of a connection; see askRootDse. */
const messageId = 2
const success = 0

/**
 * Asks a directory that answers to go on under TLS (StartTLS, RFC 4511 §4.14), and shakes hands where it agrees: what it
 * takes besides, and no part of what proves it. The connection is spent afterwards.
 */
export async function askStartTls(
  over: Socket,
  question: Question,
  net: Net,
  keep: Keep,
  limits: Limits,
): Promise<void> {
  const ask = {
    asked: 'ldap-start-tls',
    octets: startTlsRequest(messageId),
    lengthOf: (octets: Uint8Array) => lengthOfAnswer(octets, messageId),
    read: (octets: Uint8Array) => answerOf(octets),
  } as const
  const as = { role: 'posture', varies: 'tls' } as const
  const agreed = await askService(over, ask, question, net, limits)
  const isAgreed = agreed.answer?.kind === 'ldap-result' && agreed.answer.code === success
  // TLS would take what lies there for its own, and whoever stands between could have put it there (RFC 4511 §6.1.1).
  const early = isAgreed && over.readableLength > 0 ? earlyWords(over) : undefined
  keep(early === undefined ? agreed : { ...agreed, detail: early }, as)
  if (!isAgreed || early !== undefined) return
  const { address, port, name } = question
  const through = proxyOf(question)
  const { seen, socket } = await net.handshake(
    over,
    {
      address,
      port: through?.port ?? port,
      ...(name !== undefined && { serverName: name }),
      ...(through && { through }),
    },
    limits,
  )
  keep(through === undefined ? seen : { ...seen, through: through.name }, as)
  socket?.destroy()
}

function earlyWords(over: Socket): string {
  const octets = over.read()
  const length = octets instanceof Uint8Array ? octets.length : 0
  const first = octets instanceof Uint8Array ? printableOctets(octets) : ''
  return `${length === 1 ? '1 octet follows' : `${length} octets follow`} the answer in the clear, before any TLS: ${first}`
}

function answerOf(octets: Uint8Array): ServiceAnswer | { readonly why: string } {
  const answer = readLdapAnswer(octets, messageId)
  switch (answer.kind) {
    case 'extended':
    case 'disconnected':
    case 'search':
      return resultOf(answer.result)
    case 'incomplete':
      return { why: 'the answer has no end' }
    case 'other':
      return { why: answer.why }
    default:
      return answer satisfies never
  }
}
