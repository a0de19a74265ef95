import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { sendPage } from './page.ts'
import type { SigningKey } from './signingKey.ts'

/** The tenant of the small network: a fixed id, so that reports of two runs can be compared. */
export const tenant = Object.freeze({
  id: '6f1d3c52-8a4b-4e0f-9c37-2b5e1d9a7c40',
  name: 'corp.onmicrosoft.com',
})

const authority = 'https://login.microsoftonline.com'
/** Tenants that stand for any: their issuer keeps a placeholder (identity-platform: access-tokens). */
const manyTenants: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers'])

type Json = Readonly<Record<string, unknown>>

interface Route {
  /** The tenant segment is the first group. */
  readonly path: RegExp
  readonly answer: (tenantSegment: string, key: () => Promise<SigningKey>) => Json | Promise<Json>
}

/** What an authority host publishes without sign-in: OpenID Connect Discovery 1.0 §4 and RFC 7517, at Entra's addresses. */
const routes: readonly Route[] = [
  { path: /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/, answer: (segment) => discoveryV2(segment) },
  { path: /^\/([^/]+)\/\.well-known\/openid-configuration$/, answer: (segment) => discoveryV1(segment) },
  {
    path: /^\/([^/]+)\/discovery\/v2\.0\/keys$/,
    answer: async (segment, key) => keySet(issuerV2(segment), await key()),
  },
  { path: /^\/([^/]+)\/discovery\/keys$/, answer: async (segment, key) => keySet(issuerV1(segment), await key()) },
  { path: /^\/(common)\/discovery\/instance$/, answer: () => instances },
]

const authorityHosts: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
  'sts.windows.net',
])

/** What the cloud's front answers: an authority host publishes its metadata, any other name is a front end that has nothing at this path. */
export function tenantAnswers(key: () => Promise<SigningKey>): RequestListener {
  return (request, response) => {
    const host = hostOf(request)
    if (authorityHosts.has(host)) void answerAsAuthority(request, response, key)
    else if (host === 'graph.microsoft.com') answerAsGraph(response)
    else answerAsFront(request, response)
  }
}

async function answerAsAuthority(
  request: IncomingMessage,
  response: ServerResponse,
  key: () => Promise<SigningKey>,
): Promise<void> {
  stamp(response, { 'x-ms-ests-server': '2.1.22222.3 - LAB ProdSlices' })
  const path = pathOf(request)
  for (const route of routes) {
    const segment = route.path.exec(path)?.[1]
    if (segment === undefined) continue
    if (!isKnownTenant(segment)) {
      sendJson(response, 400, {
        error: 'invalid_tenant',
        error_description: `AADSTS90002: Tenant '${segment}' not found.`,
        error_codes: [90002],
      })
      return
    }
    response.setHeader('cache-control', 'max-age=86400, private')
    response.setHeader('access-control-allow-origin', '*')
    sendJson(response, 200, await route.answer(segment, key))
    return
  }
  if (path === '/') {
    response.writeHead(302, { location: 'https://www.office.com/login' }).end()
    return
  }
  sendPage(response, 404, 'Sign in to your account', 'We could not find this page.')
}

/** Graph without a token: the answer that every caller gets first. */
function answerAsGraph(response: ServerResponse): void {
  const id = stamp(response, {})
  response.setHeader('www-authenticate', `Bearer realm="", authorization_uri="${authority}/common/oauth2/authorize"`)
  sendJson(response, 401, {
    error: {
      code: 'InvalidAuthenticationToken',
      message: 'Access token is empty.',
      innerError: { 'request-id': id },
    },
  })
}

function answerAsFront(request: IncomingMessage, response: ServerResponse): void {
  stamp(response, {})
  if (pathOf(request) === '/') response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 0 }).end()
  else sendPage(response, 404, 'Not found', 'The resource is not here.')
}

const isKnownTenant = (segment: string): boolean =>
  segment === tenant.id || segment === tenant.name || manyTenants.has(segment)

const idOf = (segment: string): string => (manyTenants.has(segment) ? '{tenantid}' : tenant.id)
const issuerV1 = (segment: string): string => `https://sts.windows.net/${idOf(segment)}/`
const issuerV2 = (segment: string): string => `${authority}/${idOf(segment)}/v2.0`

const published = (segment: string, version: '' | '/v2.0') => {
  const base = `${authority}/${manyTenants.has(segment) ? segment : tenant.id}`
  return {
    token_endpoint: `${base}/oauth2${version}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery${version}/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_endpoint: `${base}/oauth2${version}/authorize`,
    device_authorization_endpoint: `${base}/oauth2${version}/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2${version}/logout`,
    kerberos_endpoint: `${base}/kerberos`,
    tenant_region_scope: manyTenants.has(segment) ? null : 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
    rbac_url: 'https://pas.windows.net',
  }
}

function discoveryV2(segment: string): Json {
  return {
    ...published(segment, '/v2.0'),
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerV2(segment),
    request_uri_parameter_supported: false,
    userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'email'],
  }
}

function discoveryV1(segment: string): Json {
  return {
    ...published(segment, ''),
    response_types_supported: ['code', 'id_token', 'code id_token', 'token id_token', 'token'],
    scopes_supported: ['openid'],
    issuer: issuerV1(segment),
    microsoft_multi_refresh_token: true,
    check_session_iframe: `${authority}/${segment}/oauth2/checksession`,
    userinfo_endpoint: `${authority}/${segment}/openid/userinfo`,
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'nonce',
      'given_name',
      'family_name',
      'name',
      'upn',
      'tid',
      'ver',
    ],
  }
}

function keySet(issuer: string, key: SigningKey): Json {
  const x5t = createHash('sha1').update(key.certificateDer).digest('base64url')
  return {
    keys: [
      {
        kty: 'RSA',
        use: 'sig',
        kid: x5t,
        x5t,
        n: key.modulus,
        e: key.exponent,
        x5c: [Buffer.from(key.certificateDer).toString('base64')],
        issuer,
      },
    ],
  }
}

const instances: Json = Object.freeze({
  tenant_discovery_endpoint: `${authority}/common/.well-known/openid-configuration`,
  'api-version': '1.1',
  metadata: [
    {
      preferred_network: 'login.microsoftonline.com',
      preferred_cache: 'login.windows.net',
      aliases: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    },
  ],
})

/** Headers that Microsoft's front ends put on every answer; returns the request id. */
function stamp(response: ServerResponse, more: Readonly<Record<string, string>>): string {
  const id = randomUUID()
  response.setHeader('x-ms-request-id', id)
  response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains')
  response.setHeader('x-content-type-options', 'nosniff')
  for (const [name, value] of Object.entries(more)) response.setHeader(name, value)
  return id
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
}

/** The path without its query; a target in absolute form counts as its path (RFC 9112 §3.2.2). */
function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '/'
  return target.replace(/^https?:\/\/[^/]*/i, '').replace(/\?.*$/, '') || '/'
}
