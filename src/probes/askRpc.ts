import type { Socket } from 'node:net'
import type { ServiceExchange, Unfiled } from '../model/observation.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Limits, Net } from '../net/net.ts'
import type { RpcAnswer, RpcInterface } from '../wire/dceRpc.ts'
import { decodeRpcAnswer, encodeRpcBind, lengthOfRpcAnswer } from '../wire/dceRpc.ts'
import { decodeEptMapAnswer, encodeEptMap } from '../wire/endpointMapper.ts'
import type { ServiceAsk } from './askService.ts'
import { askService } from './askService.ts'
import type { Question } from './probe.ts'

/** Binds an interface over a connection that stands, without credentials: the least that proves who listens there. */
export function bindInterface(
  over: Socket,
  asked: RpcInterface,
  question: Question,
  net: Net,
  limits: Limits,
): Promise<Unfiled<ServiceExchange>> {
  const callId = 1
  const ask: ServiceAsk = {
    asked: 'rpc-bind',
    of: asked.name,
    octets: encodeRpcBind(asked, callId),
    lengthOf: lengthOfRpcAnswer,
    read: (octets) => boundOf(decodeRpcAnswer(octets, callId), asked.name),
  }
  return askService(over, ask, question, net, limits)
}

/** Asks a bound endpoint mapper where an interface is served. */
export function mapEndpoint(
  over: Socket,
  asked: RpcInterface,
  callId: number,
  question: Question,
  net: Net,
  limits: Limits,
): Promise<Unfiled<ServiceExchange>> {
  const ask: ServiceAsk = {
    asked: 'endpoint-map',
    of: asked.name,
    octets: encodeEptMap(asked, callId),
    lengthOf: lengthOfRpcAnswer,
    read: (octets) => mappedOf(decodeRpcAnswer(octets, callId), asked),
  }
  return askService(over, ask, question, net, limits)
}

type Read = ServiceAnswer | { readonly why: string }

function boundOf(answer: RpcAnswer, name: string): Read {
  switch (answer.kind) {
    case 'bind-ack': {
      const reason = [answer.result, answer.reason].filter((word) => word !== undefined).join(': ')
      return answer.accepted ? { kind: 'rpc-bound', interface: name } : { kind: 'rpc-refused', interface: name, reason }
    }
    case 'bind-nak':
      return { kind: 'rpc-refused', interface: name, reason: answer.reason }
    default:
      return otherwise(answer, name)
  }
}

function mappedOf(answer: RpcAnswer, asked: RpcInterface): Read {
  if (answer.kind !== 'response') return otherwise(answer, asked.name)
  const mapped = decodeEptMapAnswer(answer, asked)
  switch (mapped.kind) {
    case 'mapped': {
      const ports = [...new Set(mapped.endpoints.map(({ port }) => port))].toSorted((a, b) => a - b)
      return { kind: 'endpoint', interface: asked.name, ports }
    }
    case 'empty':
      return { kind: 'no-endpoint', interface: asked.name, status: 0 }
    case 'not-registered':
      return { kind: 'no-endpoint', interface: asked.name, status: notRegistered, name: 'EPT_S_NOT_REGISTERED' }
    case 'refused':
      return { kind: 'no-endpoint', interface: asked.name, status: mapped.status, name: mapped.name }
    case 'unreadable':
      return { why: mapped.why }
    default:
      return mapped satisfies never
  }
}

/** What answers neither question as it ought to. */
function otherwise(answer: RpcAnswer, name: string): Read {
  switch (answer.kind) {
    case 'fault':
      return { kind: 'rpc-fault', interface: name, status: answer.status, name: answer.name }
    case 'unreadable':
    case 'not-ours':
      return { why: answer.why }
    case 'bind-ack':
    case 'bind-nak':
    case 'response':
      return { why: 'the answer to another question' }
    default:
      return answer satisfies never
  }
}

/** EPT_S_NOT_REGISTERED (C706 appendix E). */
const notRegistered = 0x16c9_a0d6
