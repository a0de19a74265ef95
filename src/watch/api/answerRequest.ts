import { hash } from 'node:crypto'
import type { ApiAnswer, ApiRequest } from '../../net/serveApi.ts'
import { StoreError } from '../../store/history/index.ts'
import type { ApiSource } from './apiSource.ts'
import { resources } from './index.ts'
import type { Problem } from './problem.ts'
import { problemAnswer, shown } from './problem.ts'
import type { Reply, Resource } from './resource.ts'

/** Where the resources are. */
export const apiRoot = '/api/v1'
const descriptionPath = `${apiRoot}/openapi.json`

export interface ApiOptions {
  readonly source: ApiSource
  /** The OpenAPI document of {@link resources}, JSON. */
  readonly description: () => string
  /** The exposition at this moment, OpenMetrics. */
  readonly metrics: () => string
}

/** How an id in a path is written: what is written otherwise leads nowhere. */
export const idPatterns = {
  '{flow}': '^[0-9a-f]{16}$',
  '{incident}': '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
} as const

/** Answers a request: never throws for what was asked, only for a bug. */
export async function answerRequest(request: ApiRequest, options: ApiOptions): Promise<ApiAnswer> {
  const { source, description, metrics } = options
  const { method, path } = request
  const reads = method === 'GET' || method === 'HEAD'
  if (path === descriptionPath || path === '/metrics') {
    if (!reads) return notAllowed(request, ['GET'])
    return path === '/metrics'
      ? whole('application/openmetrics-text; version=1.0.0; charset=utf-8', metrics())
      : revalidated(request, 'application/json', description())
  }
  const found = resources.flatMap((row) => {
    const id = idIn(row.path, path)
    return id === undefined ? [] : [{ row, id }]
  })
  if (found.length === 0) return problemAnswer(noSuchPath(path))
  const asked = found.find(({ row }) => row.method === (reads ? 'GET' : method))
  if (asked === undefined) {
    return notAllowed(
      request,
      found.map(({ row }) => row.method),
    )
  }
  const outcome = await outcomeOf(request, asked.row, asked.id, source)
  return 'problem' in outcome ? problemAnswer(outcome) : answerOf(request, outcome.ok)
}

async function outcomeOf(
  { body, field, query }: ApiRequest,
  row: Resource,
  id: string,
  source: ApiSource,
): Promise<{ readonly ok: Reply } | Problem> {
  let text = ''
  if (row.body !== undefined) {
    const type = field('content-type') ?? ''
    if (!/^application\/json\s*(;|$)/i.test(type) || field('content-encoding') !== undefined) {
      return {
        problem: 'not-json',
        detail: type === '' ? 'the body has no type' : `the body is ${shown(type)}`,
        remedy: 'send content-type: application/json, and no content-encoding',
      }
    }
    const read = await body()
    if ('why' in read) {
      return read.why === 'too-large'
        ? { problem: 'too-large', detail: 'the body has more octets than are read', remedy: 'send less than 64 KiB' }
        : { problem: 'bad-body', detail: 'the body is no whole text in UTF-8', remedy: 'send JSON in UTF-8' }
    }
    text = read.ok
  }
  const lastEventId = field('last-event-id')
  try {
    return await row.handle(source, { id, query, body: text, ...(lastEventId !== undefined && { lastEventId }) })
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { problem: 'history-fault', detail: error.fault.what, remedy: error.fault.right }
  }
}

function answerOf(request: ApiRequest, reply: Reply): ApiAnswer {
  switch (reply.kind) {
    case 'json': {
      const body = `${JSON.stringify(reply.value)}\n`
      return request.method === 'POST'
        ? whole('application/json', body)
        : revalidated(request, 'application/json', body)
    }
    case 'markdown':
      return revalidated(request, 'text/markdown; charset=utf-8', reply.text)
    case 'events':
      return {
        status: 200,
        fields: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
        stream: reply.stream,
      }
    default:
      return reply satisfies never
  }
}

function whole(type: string, body: string): ApiAnswer {
  return { status: 200, fields: { 'content-type': type, 'cache-control': 'no-store' }, body }
}

/** Who has the same answer already is told so, and is given nothing (RFC 9110 §13.1.2). */
function revalidated({ field }: ApiRequest, type: string, body: string): ApiAnswer {
  const etag = `"${hash('sha256', body).slice(0, 32)}"`
  const fields = { 'content-type': type, 'cache-control': 'no-cache', etag }
  const known = (field('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*') ? { status: 304, fields, body: '' } : { status: 200, fields, body }
}

function notAllowed({ method }: ApiRequest, methods: readonly string[]): ApiAnswer {
  const allow = [...new Set(methods)].flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', ')
  return problemAnswer({
    problem: 'method-not-allowed',
    detail: `${shown(method)} is not what this resource takes`,
    remedy: `it takes ${allow}`,
    allow,
  })
}

function noSuchPath(path: string): Problem {
  return {
    problem: 'no-such-path',
    detail: `there is nothing at ${shown(path)}`,
    remedy: `${descriptionPath} describes what there is; metrics are at /metrics`,
  }
}

/** @returns what stands in the place of braces, empty where there are none; undefined where the path is another */
function idIn(pattern: string, path: string): string | undefined {
  const wanted = `${apiRoot}${pattern}`.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  let id = ''
  for (const [index, word] of wanted.entries()) {
    const text = given[index] ?? ''
    if (word === '{flow}' || word === '{incident}') {
      if (!new RegExp(idPatterns[word]).test(text)) return undefined
      id = text
    } else if (word !== text) return undefined
  }
  return id
}
