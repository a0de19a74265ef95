import type { ApiProblem } from '../../model/api.ts'
import type { ApiRefusal, WholeAnswer } from '../../net/serveApi.ts'

/** Everything that a request can be refused for; the words are part of what programs rely on. */
export const problems = {
  'no-such-path': { status: 404, title: 'There is no such resource' },
  'no-such-flow': { status: 404, title: 'There is no such flow' },
  'no-such-incident': { status: 404, title: 'There is no such incident' },
  'method-not-allowed': { status: 405, title: 'The resource does not take this method' },
  'unknown-parameter': { status: 400, title: 'The resource has no such parameter' },
  'bad-parameter': { status: 400, title: 'The value of a parameter is not one that it may have' },
  'bad-body': { status: 400, title: 'The body is not what the resource takes' },
  'too-large': { status: 413, title: 'The body is too large' },
  'not-json': { status: 415, title: 'Only application/json is taken' },
  'is-over': { status: 409, title: 'The incident is over' },
  'foreign-host': { status: 421, title: 'This server answers for 127.0.0.1 and localhost only' },
  'foreign-page': { status: 403, title: 'A page of another origin asks' },
  'too-many-streams': { status: 503, title: 'Too many streams are open' },
  'history-fault': { status: 503, title: 'The history cannot be asked or written' },
  fault: { status: 500, title: 'This is a bug of Postern' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>
export type ProblemCode = keyof typeof problems

/** What is wrong, and what would be right. */
export interface Problem {
  readonly problem: ProblemCode
  readonly detail: string
  readonly remedy: string
  readonly parameter?: string
  /** Methods that the resource takes, of `method-not-allowed`. */
  readonly allow?: string
}

/** A problem as it is answered (RFC 9457). */
export function problemAnswer({ problem, detail, remedy, parameter, allow }: Problem): WholeAnswer {
  const { status, title } = problems[problem]
  const told: ApiProblem = {
    type: `urn:postern:problem:${problem}`,
    title,
    status,
    detail,
    remedy,
    ...(parameter !== undefined && { parameter }),
  }
  return {
    status,
    fields: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(allow !== undefined && { allow }),
      ...(status === 503 && { 'retry-after': '5' }),
    },
    body: `${JSON.stringify(told)}\n`,
  }
}

const refusals: Readonly<Record<ApiRefusal, Omit<Problem, 'problem'>>> = {
  'foreign-host': {
    detail: 'the request names another host than this machine',
    remedy: 'ask for 127.0.0.1 or localhost; from elsewhere through a tunnel, such as that of ssh -L',
  },
  'foreign-page': {
    detail: 'the request was made by a page of another origin, which may neither read nor change anything here',
    remedy: 'ask from a program, or from a page that this server has served',
  },
  'too-many-streams': {
    detail: 'as many streams of events are open as this server holds',
    remedy: 'close one, or ask for the resources themselves',
  },
  fault: { detail: 'the request could not be answered', remedy: 'look at what the watcher printed, and report it' },
}

/** What is answered to what the server itself refuses. */
export function refusalAnswer(refusal: ApiRefusal): WholeAnswer {
  return problemAnswer({ problem: refusal, ...refusals[refusal] })
}

/** A text of somebody else's as it is shown in an answer. */
export function shown(text: string): string {
  const most = 80
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text)
}
