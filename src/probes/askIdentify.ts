import type { Socket } from 'node:net'
import type { HttpExchange, Unfiled } from '../model/observation.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Limits, Net } from '../net/net.ts'
import type { WsManAnswer } from '../wire/wsManagement.ts'
import { identifyRequest, readWsManAnswer } from '../wire/wsManagement.ts'
import { getUrl } from './getUrl.ts'
import type { Question } from './probe.ts'

/** Asks Windows Remote Management what it is, over a connection that stands, in the clear or inside TLS. */
export async function askIdentify(
  over: Socket,
  scheme: 'http' | 'https',
  question: Question,
  net: Net,
  limits: Limits,
): Promise<Unfiled<HttpExchange>> {
  const { address, via } = question
  const { method, headers, body, path } = identifyRequest
  const url = getUrl(scheme, { ...question, path })
  const told = await net.exchange(over, { url, address, method, headers, body }, limits)
  const { seen } = told
  const answer =
    seen.status === undefined
      ? undefined
      : answerOf(readWsManAnswer({ status: seen.status, headers: seen.headers, body: told.body }))
  return {
    ...seen,
    ...(answer !== undefined && { answer }),
    ...(via !== undefined && { through: via.proxy }),
  }
}

function answerOf(answer: WsManAnswer): ServiceAnswer | undefined {
  const kind = 'ws-management' as const
  switch (answer.kind) {
    case 'identified': {
      const { vendor, version } = answer
      return {
        kind,
        said: 'identified',
        ...(vendor !== undefined && { vendor }),
        ...(version !== undefined && { version }),
      }
    }
    case 'asks-for-sign-in':
      return { kind, said: 'sign-in', schemes: answer.schemes }
    case 'not-registered':
      return { kind, said: 'not-registered' }
    case 'fault':
      return { kind, said: 'fault', ...(answer.reason !== undefined && { reason: answer.reason }) }
    case 'other':
      return undefined
    default:
      return answer satisfies never
  }
}
