import type { RequestListener } from 'node:http'
import { sendPage } from './page.ts'
import { tenant } from './tenant.ts'

/** The registration of the company's own app in the tenant of the small network. */
export const registration = Object.freeze({
  client: '3b9d2f60-71c4-4d3e-a5b8-90e6c2f41d57',
  callback: '/signin-oidc',
})

/** How the app asks for a sign-in. */
export interface SignIn {
  readonly redirectUri: string
  /** Default: the tenant of the small network. */
  readonly tenant?: string
  readonly client?: string
  /** Where the sign-in is asked for; default: at Entra ID. */
  readonly endpoint?: string
  /** `page`: in a form that sends itself off. */
  readonly by?: 'redirect' | 'page'
}

/**
 * The company's app behind its sign-in, as web frameworks do it: the start page leads to a page of its own, and that one to
 * the identity provider. What belongs to one sign-in alone is another value each time, and is nobody's business.
 */
export function signInAnswers(signIn: SignIn): RequestListener {
  return (request, response) => {
    response.setHeader('server', 'nginx')
    const path = (request.url ?? '/').split('?', 1)[0]
    if (path === '/') {
      response.setHeader('location', '/account/sign-in?ReturnUrl=%2F')
      sendPage(response, 302, 'Sign in', 'The sign-in is one page further.')
    } else if (path !== '/account/sign-in') {
      sendPage(response, 404, 'Not found', 'Expenses has no page here.')
    } else if (signIn.by === 'page') {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.setHeader('cache-control', 'no-store')
      response.end(formOf(signIn))
    } else {
      response.setHeader('location', `${endpointOf(signIn)}?${fieldsOf(signIn)}`)
      response.setHeader('set-cookie', 'nonce=once; path=/; secure; httponly')
      sendPage(response, 302, 'Sign in', 'The sign-in is at another place.')
    }
  }
}

function endpointOf({ endpoint, tenant: id = tenant.id }: SignIn): string {
  return endpoint ?? `https://login.microsoftonline.com/${id}/oauth2/v2.0/authorize`
}

function fieldsOf({ redirectUri, client = registration.client }: SignIn): URLSearchParams {
  return new URLSearchParams({
    client_id: client,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile',
    response_mode: 'form_post',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    nonce: 'of-this-sign-in-alone',
    state: 'of-this-sign-in-alone',
  })
}

function formOf(signIn: SignIn): string {
  const inputs = [...fieldsOf(signIn)].map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('&', '&amp;')}">`,
  )
  return `<!doctype html><title>Working...</title><body onload="document.forms[0].submit()"><form method="post" action="${endpointOf(signIn)}">${inputs.join('')}</form></body>`
}
