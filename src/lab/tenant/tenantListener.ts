import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { answerWrong } from './answerWrong.ts'
import { passedQuery } from './authorizeEndpoint.ts'
import type { Directory } from './directory.ts'
import { describe, type EntraError, entraError, errorBody } from './entraErrors.ts'
import { answerGraph } from './graph.ts'
import type { TenantKeys } from './keys.ts'
import { metadata } from './metadata.ts'
import type { EndpointName, Misbehaviour } from './misbehaviour.ts'
import { sendErrorPage } from './pages.ts'
import type { Place } from './place.ts'
import { issuerV1, issuerV2, manyTenants, paths } from './place.ts'
import type { Protocol } from './protocol.ts'
import type { RequestLog } from './requestLog.ts'
import { answerSignIn } from './signIn.ts'
import type { SignInLog } from './signInLog.ts'
import { answerSignOut } from './signOut.ts'
import { passedTokenRequest, refreshAnswer } from './tokenEndpoint.ts'

export interface ListenerParts {
  readonly place: Place
  readonly directory: Directory
  readonly keys: TenantKeys
  readonly protocol: Protocol
  /** Answers by the protocol library. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly log: RequestLog
  readonly signIns: SignInLog
  readonly now: () => number
  readonly graphPage: number
  readonly signal: AbortSignal
  readonly how: () => Misbehaviour
}

/** One request, taken apart. */
interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The tenant segment of the path. */
  readonly segment: string
  /** What follows it. */
  readonly rest: string
  /** Undefined for GET. */
  readonly form: URLSearchParams | undefined
  readonly body: string | undefined
}

interface Route {
  readonly endpoint: EndpointName
  readonly matches: (asked: Asked) => boolean
  readonly methods: readonly string[]
  readonly answer: (asked: Asked, parts: ListenerParts) => Promise<void> | void
}

const at =
  (path: string) =>
  ({ rest }: Asked) =>
    rest === path

/** What the tenant has at which path below `/{tenant}`, and beside it Graph. */
const routes: readonly Route[] = [
  {
    endpoint: 'metadata',
    matches: at(paths.metadataV2),
    methods: ['GET'],
    answer: (asked, parts) => sendMetadata(asked, parts, '2.0'),
  },
  {
    endpoint: 'metadata',
    matches: at(paths.metadataV1),
    methods: ['GET'],
    answer: (asked, parts) => sendMetadata(asked, parts, '1.0'),
  },
  {
    endpoint: 'keys',
    matches: at(paths.keysV2),
    methods: ['GET'],
    answer: (asked, parts) => sendKeys(asked, parts, issuerV2),
  },
  {
    endpoint: 'keys',
    matches: at(paths.keysV1),
    methods: ['GET'],
    answer: (asked, parts) => sendKeys(asked, parts, issuerV1),
  },
  { endpoint: 'authorize', matches: at(paths.authorize), methods: ['GET'], answer: authorize },
  {
    endpoint: 'authorize',
    matches: ({ rest }) => rest.startsWith(`${paths.authorize}/`),
    methods: ['GET'],
    answer: ({ request, response, rest }, { handle }) => {
      request.url = `/authorize/${rest.slice(paths.authorize.length + 1)}`
      return handle(request, response)
    },
  },
  {
    endpoint: 'authorize',
    matches: ({ rest }) => rest.startsWith(paths.signIn),
    methods: ['GET', 'POST'],
    answer: ({ request, response, form }, { protocol, directory }) =>
      answerSignIn({ provider: protocol.provider, directory, request, response, form }),
  },
  { endpoint: 'token', matches: at(paths.token), methods: ['POST'], answer: token },
  {
    endpoint: 'signOut',
    matches: at(paths.signOut),
    methods: ['GET', 'POST'],
    answer: ({ request, response, url, form }, parts) =>
      answerSignOut(parts.protocol, parts, request, response, form ?? url.searchParams),
  },
  {
    endpoint: 'graph',
    matches: ({ segment, rest }) => segment === 'v1.0' || (segment === 'oidc' && rest === '/userinfo'),
    methods: ['GET', 'POST'],
    answer: graph,
  },
]

const mostBodyOctets = 64 * 1024

/** Answers everything that the tenant is asked. A request for another host is none of its business (RFC 9110 §7.4). */
export function tenantListener(parts: ListenerParts): RequestListener {
  return (request, response) => {
    answer(request, response, parts).catch(() => {
      if (response.headersSent) response.destroy()
      else sendErrorPage(response, 500, 'The built-in tenant could not answer this request.')
    })
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: ListenerParts): Promise<void> {
  const { place, log, now, how, signal } = parts
  const target = request.url ?? '/'
  if (
    request.headers.host !== new URL(place.origin).host ||
    !target.startsWith('/') ||
    !URL.canParse(place.origin + target)
  ) {
    response.writeHead(421, { 'content-type': 'text/plain' }).end(`this is ${place.origin}\n`)
    return
  }
  const url = new URL(place.origin + target)
  const [, segment = '', rest = ''] = /^\/([^/]*)(\/.*)?$/.exec(url.pathname) ?? []
  const entry = log.begin(request, response, url, now())
  const body = request.method === 'GET' ? undefined : await bodyOf(request)
  if (body === 'too-long') {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  const form = body === undefined ? undefined : new URLSearchParams(isForm ? body : '')
  if (form !== undefined) entry.form(form)
  const asked: Asked = { request, response, url, segment, rest, form, body }
  const route = routes.find(({ matches }) => matches(asked))
  if (route === undefined) {
    sendErrorPage(response, 404, `AADSTS900144: The built-in tenant has nothing at ${url.pathname}.`)
    return
  }
  const wrong = how().answers?.[route.endpoint] ?? how().everywhere
  if (wrong !== undefined && (await answerWrong(wrong, response, signal))) return
  if (!route.methods.includes(request.method ?? '')) {
    response.writeHead(405, { allow: route.methods.join(', ') }).end()
    return
  }
  if (route.endpoint !== 'graph' && !isKnown(segment, place)) {
    const says = `Tenant '${segment}' not found.`
    sendJson(response, 400, errorBody(entraError(90002, 'invalid_tenant', says), now()))
    return
  }
  await route.answer(asked, parts)
}

const isKnown = (segment: string, { tenantId }: Place): boolean =>
  segment.toLowerCase() === tenantId || manyTenants.has(segment)

async function bodyOf(request: IncomingMessage): Promise<string | 'too-long'> {
  const parts: Buffer[] = []
  let octets = 0
  for await (const part of request) {
    parts.push(part)
    octets += part.length
    if (octets > mostBodyOctets) return 'too-long'
  }
  return Buffer.concat(parts).toString()
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...more,
  })
  response.end(JSON.stringify(body))
}

const publicFor = { 'cache-control': 'max-age=86400, private', 'access-control-allow-origin': '*' } as const

function sendMetadata({ response, segment }: Asked, { place, how }: ListenerParts, version: '1.0' | '2.0'): void {
  sendJson(response, 200, metadata(place, segment, version, how().metadata), publicFor)
}

function sendKeys(
  { response, segment }: Asked,
  { place, keys, how }: ListenerParts,
  issuer: (place: Place) => string,
): void {
  const issued = { ...place, tenantId: manyTenants.has(segment) ? '{tenantid}' : place.tenantId }
  sendJson(response, 200, keys.published(issuer(issued), how().keys), publicFor)
}

/** Signing in goes by the tenant's own id, so that its cookies have one path. */
async function authorize(
  { request, response, url, segment }: Asked,
  { place, handle, now }: ListenerParts,
): Promise<void> {
  if (segment !== place.tenantId) {
    response.writeHead(302, { location: `/${place.tenantId}${paths.authorize}${url.search}` }).end()
    return
  }
  if (!url.searchParams.has('scope')) {
    const missing = entraError(
      900144,
      'invalid_request',
      "The request body must contain the following parameter: 'scope'.",
    )
    sendErrorPage(response, 400, describe(missing, now()))
    return
  }
  request.url = `/authorize?${passedQuery(url.searchParams)}`
  await handle(request, response)
}

async function token({ request, response, form = new URLSearchParams() }: Asked, parts: ListenerParts): Promise<void> {
  const { protocol, directory, now, how, handle } = parts
  const refused = form.get('grant_type') === 'refresh_token' ? refreshAnswer(how().refresh) : undefined
  if (refused !== undefined) {
    const retry = refused.retryAfterSec
    sendError(response, refused, now(), retry === undefined ? {} : { 'retry-after': String(retry) })
    return
  }
  const passed = await passedTokenRequest(request, form, protocol, directory)
  if ('code' in passed) sendError(response, passed, now())
  else await handle(passed, response)
}

function sendError(
  response: ServerResponse,
  error: EntraError,
  now: number,
  more: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, error.status, errorBody(error, now), more)
}

async function graph({ request, response, url, body }: Asked, parts: ListenerParts): Promise<void> {
  const { directory, place, keys, graphPage, now, how, signIns } = parts
  const asked = { method: request.method ?? '', url, authorization: request.headers.authorization, body }
  const {
    status,
    headers,
    body: answered,
  } = await answerGraph(asked, {
    directory,
    place,
    keys: () => keys.all,
    nowSec: () => Math.floor(now() / 1000),
    page: graphPage,
    how: how().graph,
    signIns: (filter) => (how().signInLog === 'late' ? [] : signIns.asked(filter, now())),
  })
  sendJson(response, status, answered, headers)
}
