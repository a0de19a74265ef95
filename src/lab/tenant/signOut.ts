import type { IncomingMessage, ServerResponse } from 'node:http'
import { decodeJwt } from 'jose'
import type { AppRegistration } from './apps.ts'
import type { Directory } from './directory.ts'
import { html, type Markup, sendPage } from './pages.ts'
import type { Place } from './place.ts'
import { issuerV2 } from './place.ts'
import type { Protocol } from './protocol.ts'
import { sessionIdOf } from './protocol.ts'

/**
 * Ends the tenant's session of a browser and tells the apps that it was used for, each by a frame with `iss` and `sid`
 * (OpenID Connect Front-Channel Logout 1.0 §2); then leads back, to a registered redirect URI and to nowhere else.
 */
export async function answerSignOut(
  { provider }: Protocol,
  { directory, place }: { readonly directory: Directory; readonly place: Place },
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(request, response))
  const used = Object.keys(session.authorizations ?? {}).flatMap((id) => directory.app(id) ?? [])
  const sid = sessionIdOf(session.uid, session.accountId ?? '')
  if (session.accountId !== undefined) await session.destroy()
  const gone = `Path=/${place.tenantId}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax`
  const name = provider.cookieName('session')
  response.setHeader('set-cookie', [`${name}=; ${gone}`, `${name}.sig=; ${gone}`])

  const told = session.accountId === undefined ? [] : used.flatMap(({ frontChannelSignOut: uri }) => uri ?? [])
  const back = returnTo(parameters, directory, used)
  const onward = back === undefined ? {} : { onward: back }
  sendPage(response, {
    title: 'You signed out',
    content: html`<p>The tenant’s session has ended.</p>${told.map((uri) => frame(uri, issuerV2(place), sid))}
${back === undefined ? html`<p>You can close this window.</p>` : html`<p><a href="${back}">Back to the app</a></p>`}`,
    frames: [...new Set(told.map((uri) => new URL(uri).origin))],
    ...onward,
  })
}

function frame(uri: string, issuer: string, sid: string): Markup {
  const address = new URL(uri)
  address.searchParams.set('iss', issuer)
  address.searchParams.set('sid', sid)
  return html`<iframe src="${address.href}" title="Signs out of ${address.host}"></iframe>`
}

/** The return address, if it is registered for the app that asks, or for one that the session was used for. */
function returnTo(
  parameters: URLSearchParams,
  directory: Directory,
  used: readonly AppRegistration[],
): string | undefined {
  const wanted = parameters.get('post_logout_redirect_uri')
  if (wanted === null) return undefined
  const asks = directory.app(parameters.get('client_id') ?? audienceOf(parameters.get('id_token_hint')))
  const apps = asks === undefined ? used : [asks]
  if (!apps.some(({ redirectUris }) => redirectUris.includes(wanted))) return undefined
  const state = parameters.get('state')
  const back = new URL(wanted)
  if (state !== null) back.searchParams.set('state', state)
  return back.href
}

function audienceOf(idToken: string | null): string {
  try {
    return String(decodeJwt(idToken ?? '').aud)
  } catch {
    return ''
  }
}
