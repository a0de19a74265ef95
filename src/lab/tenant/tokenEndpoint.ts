import { IncomingMessage } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { proveClient } from './clientProof.ts'
import type { Directory } from './directory.ts'
import { type EntraError, entraError, errorBody, numbered } from './entraErrors.ts'
import { grantedIn, issueForApp, issueForPerson } from './issue.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Protocol } from './protocol.ts'
import type { TokenMaker } from './signToken.ts'

/**
 * The form of a token request as the protocol library is shown it: without what is Entra's own, which is kept beside it.
 *
 * @returns a request in the place of the one that was read, or why there is none
 */
export async function passedTokenRequest(
  request: IncomingMessage,
  form: URLSearchParams,
  { beside, secretOf }: Protocol,
  directory: Directory,
): Promise<IncomingMessage | EntraError> {
  const proven = await proveClient(form, directory, secretOf)
  if ('code' in proven) return proven
  const passed = new URLSearchParams(
    [...proven.form].filter(([name]) => !['scope', 'claims', 'resource'].includes(name)),
  )
  const copy = withForm(request, passed)
  const byHeader = request.headers.authorization !== undefined
  beside.set(copy, {
    proof: byHeader ? '1' : proven.proof,
    scope: form.get('scope') ?? undefined,
    claims: form.get('claims') ?? undefined,
  })
  return copy
}

/** A request with another form, to be read once more. */
function withForm(request: IncomingMessage, form: URLSearchParams): IncomingMessage {
  const body = Buffer.from(form.toString())
  const copy = new IncomingMessage(request.socket)
  copy.method = request.method ?? 'POST'
  copy.url = '/token'
  copy.httpVersion = request.httpVersion
  const { 'transfer-encoding': _chunked, ...headers } = request.headers
  copy.headers = { ...headers, 'content-length': String(body.length) }
  copy.push(body)
  copy.push(null)
  copy.complete = true
  return copy
}

/** Puts Entra's tokens and errors in the place of the library's. */
export function shapeTokens(protocol: Protocol, directory: Directory, maker: () => TokenMaker): void {
  const { provider, grants, beside } = protocol
  const told = new WeakMap<object, string>()
  provider.on('grant.error', (ctx, error) => {
    told.set(ctx, `${error.error_detail ?? ''} ${String(error.cause ?? '')}`)
  })
  provider.use(async (ctx, next) => {
    await next()
    const oidc: KoaContextWithOIDC['oidc'] | undefined = 'oidc' in ctx ? ctx['oidc'] : undefined
    if (oidc?.route !== 'token') return
    const body: unknown = ctx.body
    const answered: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {}
    const { nowSec } = maker()
    if (typeof answered['error'] === 'string') {
      const detail = `${String(answered['error_description'] ?? '')} ${told.get(ctx) ?? ''}`
      refuse(ctx, numbered(answered['error'], detail.trim(), ctx.status), nowSec)
      return
    }
    const { grantId, clientId = '' } = grantedIn(oidc)
    const client = directory.app(clientId)
    const asked = beside.get(ctx.req)
    const facts = grantId === undefined ? undefined : grants.get(grantId)
    if (client === undefined || asked === undefined || (grantId !== undefined && facts === undefined)) {
      refuse(ctx, entraError(70000, 'invalid_grant', 'The grant is no longer known.'), nowSec)
      return
    }
    const issued =
      facts === undefined
        ? await issueForApp(maker(), directory, client, asked)
        : await issueForPerson(maker(), directory, facts, { client, beside: asked }, answered['refresh_token'])
    if ('refused' in issued) refuse(ctx, issued.refused, nowSec)
    else ctx.body = { ...issued.ok, ...maker().how.tokenAnswer }
  })
}

function refuse(ctx: { status: number; body: unknown }, error: EntraError, nowSec: number): void {
  ctx.status = error.status
  ctx.body = errorBody(error, nowSec * 1000)
}

/** What a refresh is answered instead. */
export function refreshAnswer(
  how: Misbehaviour['refresh'],
): (EntraError & { readonly retryAfterSec?: number }) | undefined {
  switch (how) {
    case 'invalid_grant':
      return entraError(700082, 'invalid_grant', 'The refresh token has expired due to inactivity.')
    case 'interaction_required':
      return entraError(50076, 'interaction_required', 'Multi-factor authentication is needed to access the resource.')
    case 'throttled':
      return { ...entraError(90055, 'temporarily_unavailable', 'The tenant is throttled.', 429), retryAfterSec: 7 }
    case 'unavailable':
      return {
        ...entraError(90033, 'temporarily_unavailable', 'A transient error has occurred.', 503),
        retryAfterSec: 3,
      }
    case undefined:
      return undefined
    default:
      return how satisfies never
  }
}
