import type { Challenge } from '../identity/index.ts'
import type { Asked, HeaderFields, OwnAnswer } from './exchange.ts'

/** What a client is told besides a status: never what it sent, nor what the gate knows of others. */
export interface Told {
  readonly status: number
  /** A word of the closed list of reasons. */
  readonly reason: string
  /** A sentence for a person. */
  readonly says: string
  readonly outcome?: OwnAnswer['outcome']
  readonly headers?: HeaderFields
}

/** An answer for programs: what went wrong, as RFC 9457 has it. */
export function problem({ status, reason, says, outcome = 'denied', headers = [] }: Told, traceId: string): OwnAnswer {
  const body = { type: 'about:blank', title: titleOf(status), status, detail: says, reason, traceId }
  return {
    kind: 'answer',
    status,
    headers: [['content-type', 'application/problem+json'], ...headers],
    body: `${JSON.stringify(body)}\n`,
    reason,
    outcome,
  }
}

/** What is answered where the gate itself went wrong, by whose number the record names the request. */
export function bugAnswer(traceId: string): OwnAnswer {
  const says = 'something went wrong in the gate; its record names this request by its traceId'
  return problem({ status: 500, reason: 'bug', says, outcome: 'failed' }, traceId)
}

/** What a caller is answered whose token was not enough. */
export function challenged({ status, authenticate }: Challenge, reason: string, says: string, asked: Asked): OwnAnswer {
  const headers = authenticate.map((value) => ['www-authenticate', value] as const)
  return problem({ status, reason, says, headers }, asked.traceId)
}

/** JSON of the gate's own, for who asks for it. */
export function json(value: unknown, reason = 'ok'): OwnAnswer {
  return {
    kind: 'answer',
    status: 200,
    headers: [['content-type', 'application/json']],
    body: `${JSON.stringify(value, undefined, 2)}\n`,
    reason,
    outcome: 'ok',
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

export function titleOf(status: number): string {
  return titles[status] ?? 'Error'
}
