import type { ApiAnswers } from '../../model/api.ts'
import type { AnswerSink } from '../../net/serveApi.ts'
import type { ApiSource } from './apiSource.ts'
import type { BodyOf, Parameters, QueryOf } from './parameter.ts'
import { readMembers, readQuery } from './parameter.ts'
import type { Problem, ProblemCode } from './problem.ts'

/** What a handler is given. */
export interface Asked<Query extends Parameters, Body extends Parameters> {
  /** What stands in the place of braces in the path. */
  readonly id: string
  readonly query: QueryOf<Query>
  readonly body: BodyOf<Body>
  /** The id of the last event that a reader has seen. */
  readonly lastEventId?: string
}

interface Described<Query extends Parameters, Body extends Parameters> {
  readonly method: 'GET' | 'POST'
  /** Below `/api/v1`; `{flow}` and `{incident}` stand for an id. */
  readonly path: string
  /** What it tells or does: a sentence. */
  readonly what: string
  readonly query: Query
  readonly body?: Body
  /** What it may be refused for, besides what every resource may. */
  readonly refuses?: readonly ProblemCode[]
}

type Outcome<T> = { readonly ok: T } | Problem

/** What an answer is: one of the documented shapes, or something that is no JSON. */
export type Answered =
  | { readonly kind: 'json'; readonly schema: keyof ApiAnswers }
  | { readonly kind: 'markdown' }
  | { readonly kind: 'events' }

export type Reply =
  | { readonly kind: 'json'; readonly value: ApiAnswers[keyof ApiAnswers] }
  | { readonly kind: 'markdown'; readonly text: string }
  | { readonly kind: 'events'; readonly stream: (sink: AnswerSink) => void }

/** A resource as the registry has it. */
export interface Resource extends Described<Parameters, Parameters> {
  readonly answers: Answered
  /** @param texts as they were sent; the body only where the resource takes one */
  readonly handle: (
    source: ApiSource,
    texts: { readonly id: string; readonly query: string; readonly body: string; readonly lastEventId?: string },
  ) => Promise<Outcome<Reply>>
}

type Handle<Query extends Parameters, Body extends Parameters, T> = (
  source: ApiSource,
  asked: Asked<Query, Body>,
) => Outcome<T> | Promise<Outcome<T>>

/** A row of the registry that answers with one of the documented shapes. */
export function resource<const Query extends Parameters, const Body extends Parameters, Name extends keyof ApiAnswers>(
  row: Described<Query, Body> & { readonly answer: Name; readonly handle: Handle<Query, Body, ApiAnswers[Name]> },
): Resource {
  const { answer, handle, ...described } = row
  return {
    ...described,
    answers: { kind: 'json', schema: answer },
    handle: reading(described, handle, (value) => ({ kind: 'json', value })),
  }
}

/** A row that answers with Markdown. */
export function document<const Query extends Parameters>(
  row: Described<Query, Parameters> & { readonly handle: Handle<Query, Parameters, string> },
): Resource {
  const { handle, ...described } = row
  return {
    ...described,
    answers: { kind: 'markdown' },
    handle: reading(described, handle, (text) => ({ kind: 'markdown', text })),
  }
}

/** A row that answers with a stream of events. */
export function stream<const Query extends Parameters>(
  row: Described<Query, Parameters> & { readonly handle: Handle<Query, Parameters, (sink: AnswerSink) => void> },
): Resource {
  const { handle, ...described } = row
  return {
    ...described,
    answers: { kind: 'events' },
    handle: reading(described, handle, (stream) => ({ kind: 'events', stream })),
  }
}

function reading<Query extends Parameters, Body extends Parameters, T>(
  { query: queryRows, body: bodyRows }: Described<Query, Body>,
  handle: Handle<Query, Body, T>,
  reply: (value: T) => Reply,
): Resource['handle'] {
  return async (source, { id, query: queryText, body: bodyText, lastEventId }) => {
    const query = readQuery(queryRows, queryText)
    if ('problem' in query) return query
    const body = bodyRows === undefined ? { ok: {} as BodyOf<Body> } : readMembers(bodyRows, bodyText)
    if ('problem' in body) return body
    const asked = { id, query: query.ok, body: body.ok, ...(lastEventId !== undefined && { lastEventId }) }
    const outcome = await handle(source, asked)
    return 'problem' in outcome ? outcome : { ok: reply(outcome.ok) }
  }
}
