import { randomUUID } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { graphAppId } from './apps.ts'
import type { Directory } from './directory.ts'
import type { NamedKey } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Person } from './people.ts'
import { groups } from './people.ts'
import type { Place } from './place.ts'
import type { SignInLogEntry } from './signInLog.ts'
import { hashedNonce } from './signToken.ts'
import { subjectOf } from './tokenClaims.ts'

export interface GraphAsked {
  readonly method: string
  readonly url: URL
  readonly authorization: string | undefined
  /** JSON; undefined where there is none. */
  readonly body: string | undefined
}

export interface GraphAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export interface GraphOptions {
  readonly directory: Directory
  readonly place: Place
  readonly keys: () => readonly NamedKey[]
  readonly nowSec: () => number
  /** Members on a page. */
  readonly page: number
  readonly how: Misbehaviour['graph']
  /** Entries of the sign-in log by a `$filter`, newest first; undefined for one that is not understood. */
  readonly signIns: (filter: string | null) => readonly SignInLogEntry[] | undefined
}

interface Caller {
  readonly person: string | undefined
  /** Client id of the app that asks. */
  readonly app: string
  readonly permissions: ReadonlySet<string>
}

const refusal = (
  status: number,
  code: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): GraphAnswer => ({
  status,
  ...(headers && { headers }),
  body: { error: { code, message, innerError: { 'request-id': randomUUID() } } },
})

/** Microsoft Graph v1.0, of which the tenant speaks what groups and a person's own entry need. */
export async function answerGraph(asked: GraphAsked, options: GraphOptions): Promise<GraphAnswer> {
  const caller = await callerOf(asked.authorization, options)
  if (caller === undefined) {
    const challenge = `Bearer realm="", authorization_uri="${options.place.origin}/common/oauth2/authorize"`
    const says = 'Access token is empty, malformed, expired or for another resource.'
    return refusal(401, 'InvalidAuthenticationToken', says, { 'www-authenticate': challenge })
  }
  switch (options.how) {
    case 'throttled':
      return refusal(429, 'TooManyRequests', 'Too many requests.', { 'retry-after': '7' })
    case 'unavailable':
      return refusal(503, 'ServiceUnavailable', 'The service is not available.', { 'retry-after': '3' })
    case 'forbidden':
      return refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
    default:
      return answerAsked(asked, caller, options)
  }
}

const memberObjects =
  /^\/v1\.0\/(me|(?:users|servicePrincipals)\/[^/]+)\/(getMemberObjects|getMemberGroups|transitiveMemberOf|memberOf)(\/microsoft\.graph\.group)?$/

function answerAsked(asked: GraphAsked, caller: Caller, options: GraphOptions): GraphAnswer {
  const { pathname } = asked.url
  if (pathname === '/oidc/userinfo') return userInfo(caller, options)
  if (pathname === '/v1.0/auditLogs/signIns') return answerSignIns(asked, caller, options)
  const [, of, what] = memberObjects.exec(pathname) ?? []
  if (of !== undefined && what !== undefined) return answerGroups(asked, caller, options, of, what)
  const entry = /^\/v1\.0\/(me|users\/[^/]+)$/.exec(pathname)?.[1]
  if (entry === undefined) return refusal(404, 'ResourceNotFound', 'Resource not found for the segment.')
  const person = personOf(entry, caller, options.directory)
  if (person === undefined) return refusal(404, 'Request_ResourceNotFound', 'The resource does not exist.')
  if (!may(caller, person, ['User.Read.All', 'Directory.Read.All'], 'User.Read')) return denied
  const { id, name: displayName, userName: userPrincipalName, profile } = person
  const entire = { id, displayName, userPrincipalName, accountEnabled: !person.isBlocked, ...profile }
  const select = asked.url.searchParams.get('$select')
  return { status: 200, body: select === null ? entire : selected(entire, select.split(',')) }
}

/** `$select`: those alone that are named; what a person has no value of is null. */
function selected(
  entire: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, Object.hasOwn(entire, name) ? entire[name] : null]))
}

/** https://learn.microsoft.com/graph/api/signin-list */
function answerSignIns(asked: GraphAsked, { permissions }: Caller, options: GraphOptions): GraphAnswer {
  if (asked.method !== 'GET') return refusal(405, 'Request_BadRequest', `signIns is not asked with ${asked.method}.`)
  if (!permissions.has('AuditLog.Read.All')) return denied
  const found = options.signIns(asked.url.searchParams.get('$filter'))
  if (found === undefined) return refusal(400, 'BadRequest', 'Invalid filter clause.')
  return pageOf(asked.url, found, '$metadata#auditLogs/signIns', options)
}

/** OpenID Connect Core §5.3: whom the app knows by the same `sub` from the ID token. */
function userInfo({ person: id, app }: Caller, { directory, place }: GraphOptions): GraphAnswer {
  const person = directory.person(id ?? '')
  if (person === undefined) return denied
  return { status: 200, body: { sub: subjectOf(place, app, person.id), name: person.name } }
}

const denied = refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')

function answerGroups(asked: GraphAsked, caller: Caller, options: GraphOptions, of: string, what: string): GraphAnswer {
  const isAction = what.startsWith('get')
  const isNext = asked.url.searchParams.has('$skiptoken')
  if (asked.method !== (isAction && !isNext ? 'POST' : 'GET')) {
    return refusal(405, 'Request_BadRequest', `${what} is not asked with ${asked.method}.`)
  }
  if (isAction && !isNext && !saysWhich(asked.body)) {
    return refusal(400, 'Request_BadRequest', 'securityEnabledOnly is missing from the request body.')
  }
  const member = memberOf(of, caller, options.directory)
  if (member === undefined) return refusal(404, 'Request_ResourceNotFound', 'The resource does not exist.')
  const all = of.startsWith('servicePrincipals/') ? 'Application.Read.All' : 'GroupMember.Read.All'
  if (!may(caller, member, [all, 'Directory.Read.All'], 'User.Read')) return denied
  return onePage(asked.url, member, isAction, options)
}

function onePage(url: URL, { groups: all }: Member, isAction: boolean, options: GraphOptions): GraphAnswer {
  const values = all.map((id) => (isAction ? id : groupOf(id)))
  return pageOf(url, values, `$metadata#${isAction ? 'Collection(Edm.String)' : 'directoryObjects'}`, options)
}

function pageOf(
  url: URL,
  all: readonly unknown[],
  context: string,
  { page, place: { origin }, how }: GraphOptions,
): GraphAnswer {
  const top = Number(url.searchParams.get('$top') ?? page)
  const size = Number.isInteger(top) && top > 0 ? Math.min(top, 999) : page
  const skip = Number(url.searchParams.get('$skiptoken') ?? 0)
  const from = Number.isInteger(skip) && skip > 0 ? skip : 0
  if (how === 'second-page-fails' && from > 0) return refusal(500, 'InternalServerError', 'Something went wrong.')
  const value = all.slice(from, from + size)
  const next = new URL(url.pathname + url.search, how === 'next-elsewhere' ? 'https://graph.example' : origin)
  next.searchParams.set('$skiptoken', String(how === 'endless' ? from : from + size))
  const isLast = from + size >= all.length && how !== 'endless'
  return {
    status: 200,
    body: {
      '@odata.context': `${origin}/v1.0/${context}`,
      ...(!isLast && { '@odata.nextLink': next.href }),
      value,
    },
  }
}

function groupOf(id: string) {
  const displayName = groups.find((one) => one.id === id)?.name ?? id
  return { '@odata.type': '#microsoft.graph.group', id, displayName, securityEnabled: true }
}

/** Whoever asks has to say whether groups of mail alone count. */
function saysWhich(body: string | undefined): boolean {
  try {
    const read: unknown = JSON.parse(body ?? '')
    return typeof read === 'object' && read !== null && 'securityEnabledOnly' in read
  } catch {
    return false
  }
}

function personOf(of: string, caller: Caller, directory: Directory): Person | undefined {
  if (of === 'me') return caller.person === undefined ? undefined : directory.person(caller.person)
  return directory.personByHint(decoded(of.slice('users/'.length)))
}

/** Whoever can be in groups. */
interface Member {
  readonly id: string
  readonly groups: readonly string[]
}

function memberOf(of: string, caller: Caller, directory: Directory): Member | undefined {
  if (!of.startsWith('servicePrincipals/')) return personOf(of, caller, directory)
  const app = directory.apps.find(({ servicePrincipalId }) => of === `servicePrincipals/${servicePrincipalId}`)
  return app && { id: app.servicePrincipalId, groups: app.groups ?? [] }
}

/** A user principal name comes percent-encoded; what is no encoding names nobody. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** People may ask about themselves with less. */
const may = (
  { person, permissions }: Caller,
  about: { readonly id: string },
  all: readonly string[],
  own: string,
): boolean => all.some((one) => permissions.has(one)) || (person === about.id && permissions.has(own))

/** Who asks, by a token that only Graph can verify: what was signed is the hash of the header's `nonce`. */
async function callerOf(authorization: string | undefined, options: GraphOptions): Promise<Caller | undefined> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1]
  if (token === undefined) return undefined
  try {
    const [, payload, signature] = token.split('.')
    const { nonce, ...header } = decodeProtectedHeader(token)
    if (typeof nonce !== 'string') return undefined
    const signed = Buffer.from(JSON.stringify({ ...header, nonce: hashedNonce(nonce) })).toString('base64url')
    const key = options.keys().find(({ kid }) => kid === header.kid)
    if (key === undefined) return undefined
    const jwk = await importJWK({ kty: 'RSA', n: key.modulus, e: key.exponent }, 'RS256')
    const read = await compactVerify(`${signed}.${payload}.${signature}`, jwk, { algorithms: ['RS256'] })
    return readCaller(JSON.parse(new TextDecoder().decode(read.payload)), options)
  } catch {
    return undefined
  }
}

function readCaller(
  claims: Readonly<Record<string, unknown>>,
  { place: { origin }, nowSec, directory }: GraphOptions,
): Caller | undefined {
  const audience = String(claims['aud']).replace(/\/$/, '')
  if (![graphAppId, origin, 'https://graph.microsoft.com'].includes(audience)) return undefined
  if (typeof claims['exp'] !== 'number' || claims['exp'] <= nowSec()) return undefined
  const roles: readonly unknown[] = Array.isArray(claims['roles']) ? claims['roles'] : []
  const scopes = String(claims['scp'] ?? '').split(' ')
  const person = claims['idtyp'] === 'user' ? directory.person(String(claims['oid'])) : undefined
  return { person: person?.id, app: String(claims['appid']), permissions: new Set([...roles.map(String), ...scopes]) }
}
