import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { graphAppId } from './apps.ts'
import { readScope } from './askedScope.ts'
import type { Directory } from './directory.ts'
import { describe, numbered } from './entraErrors.ts'
import { otherTenant } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { escaped } from './pages.ts'
import { sessionIdOf } from './protocol.ts'
import type { SignInLog } from './signInLog.ts'
import { passedClaims, passedScope } from './signInPolicy.ts'

/** Parameters of an authorization request that the protocol library is shown; scopes and claims pass it by other names. */
export function passedQuery(asked: URLSearchParams): URLSearchParams {
  const passed = new URLSearchParams()
  for (const [name, value] of asked) {
    if (name === 'scope') passed.append(passedScope, value)
    else if (name === 'claims') passed.append(passedClaims, value)
    // A token of ours that somebody kept: whom they mean is told by login_hint.
    else if (name !== passedScope && name !== passedClaims && name !== 'id_token_hint' && name !== 'resource') {
      passed.append(name, value)
    }
  }
  passed.set('scope', 'openid')
  return passed
}

/**
 * What the library answers at the authorization endpoint, as Entra words it: errors with their numbers, `session_state`, no
 * `iss` of RFC 9207 (Entra sends none). Errors that cannot be sent to the app are shown as a page.
 */
export function shapeAuthorization(provider: Provider, now: () => number, how: () => Misbehaviour): void {
  provider.on('authorization.success', ({ oidc: { session } }, out = {}) => {
    delete out['iss']
    if (session !== undefined) out['session_state'] = sessionIdOf(session.uid, session.accountId ?? '')
    mislead(out, how().authorizationResponse, provider.issuer)
  })
  provider.use(async (ctx, next) => {
    await next()
    if (typeof ctx.body === 'string') ctx.body = shapeForm(ctx.body, now())
    const location = ctx.response.get('location')
    if (location === '' || !URL.canParse(location)) return
    const onward = new URL(location)
    // An answer to the app: in the query, or in the fragment.
    const inFragment = new URLSearchParams(onward.hash.slice(1))
    const answer = inFragment.has('error') ? inFragment : onward.searchParams
    const error = answer.get('error')
    if (error === null || onward.origin === new URL(provider.issuer).origin) return
    const told = numbered(error, answer.get('error_description') ?? '', 400)
    answer.delete('iss')
    answer.set('error', told.error)
    answer.set('error_description', describe(told, now()))
    if (told.code === 65004) answer.set('error_subcode', 'cancel')
    if (answer === inFragment) onward.hash = inFragment.toString()
    ctx.response.set('location', onward.href)
  })
}

/** An error that a form carries to the app (`response_mode=form_post`). */
function shapeForm(page: string, nowMs: number): string {
  const error = /name="error" value="([^"]*)"/.exec(page)?.[1]
  if (error === undefined) return page
  const told = numbered(error, /name="error_description" value="([^"]*)"/.exec(page)?.[1] ?? '', 400)
  return page
    .replace(/<input type="hidden" name="iss" value="[^"]*"\/>/, '')
    .replace(/(name="error_description" value=")[^"]*/, (_all, start: string) => start + escaped(describe(told, nowMs)))
}

function mislead(out: Record<string, unknown>, how: Misbehaviour['authorizationResponse'], issuer: string): void {
  switch (how) {
    case 'wrong-issuer':
      out['iss'] = issuer.replace(/[0-9a-f-]{36}/, otherTenant)
      break
    case 'no-state':
      delete out['state']
      break
    case 'wrong-state':
      out['state'] = 'of-somebody-else'
      break
    case 'wrong-code':
      out['code'] = 'never-issued'
      break
    case undefined:
      break
    default:
      how satisfies never
  }
}

/** Writes each answer to an authorization request into the sign-in log. */
export function keepSignIns(provider: Provider, log: SignInLog, directory: Directory, now: () => number): void {
  const keep = (ctx: KoaContextWithOIDC, code: number): void => {
    const { client, session, params = {} } = ctx.oidc
    const app = directory.app(client?.clientId ?? '')
    if (app === undefined) return
    const asked: unknown = params['client-request-id']
    const scope: unknown = params[passedScope]
    const read = readScope(typeof scope === 'string' ? scope : '', directory)
    log.add({
      at: now(),
      person: directory.person(session?.accountId ?? ''),
      app,
      address: ctx.req.socket.remoteAddress,
      asked: typeof asked === 'string' ? asked : undefined,
      code,
      hasSecondFactor: session?.amr?.includes('mfa') === true,
      resource: 'code' in read ? graphAppId : read.api.clientId,
    })
  }
  provider.on('authorization.success', (ctx) => keep(ctx, 0))
  provider.on('authorization.error', (ctx, error) =>
    keep(ctx, numbered(error.error, `${error.error_description ?? ''} ${error.error_detail ?? ''}`, 400).code),
  )
}
