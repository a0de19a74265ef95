import type { Authority } from '../identity/index.ts'
import { authorities, playedAuthority, redirectUriOf } from '../identity/index.ts'
import type { Site } from '../model/site.ts'
import type { AskedPage } from '../net/fetchText.ts'
import type { Found, Look } from './look.ts'
import { limits as limited, ok, unknown } from './look.ts'

/**
 * Whether Entra ID knows the gate's app and its redirect URI. It is asked to sign in nobody (`prompt=none`): it sends a
 * browser back to an address that is registered, and to no other, and says on its page what is wrong.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export const signIn: Look = {
  id: 'sign-in',
  group: 'gate',
  title: 'sign-in',
  async look(means, { site }, bounds) {
    const gate = site?.gate
    if (site === undefined || gate?.signIn === undefined || gate.origin === undefined) {
      return ok('the site file has no gate that people sign in to')
    }
    const redirectUri = redirectUriOf(gate.origin)
    const figures = { redirectUri, client: gate.signIn.client }
    const tenant = gate.tenants?.[0] ?? site.tenant
    if (tenant === undefined) {
      return limited(`people come back to ${redirectUri}; no tenant is named`, 'write tenant: into the site file', {
        figures,
      })
    }
    const url = authorizeUrl(authorityFor(site), tenant, gate.signIn.client, redirectUri)
    return judgeAuthorize(await means.askPage(url, bounds), redirectUri, figures)
  },
}

function authorityFor({ cloud, gate }: Site): Authority {
  return gate?.authority === undefined ? authorities[cloud] : playedAuthority(gate.authority)
}

function authorizeUrl({ host }: Authority, tenant: string, client: string, redirectUri: string): URL {
  const url = new URL(`https://${host}/${tenant}/oauth2/v2.0/authorize`)
  // Nobody signs in by it: the challenge is that of no verifier, and the values are of no browser.
  url.search = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    response_mode: 'query',
    prompt: 'none',
    state: 'postern-doctor',
    nonce: 'postern-doctor',
    code_challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    code_challenge_method: 'S256',
  }).toString()
  return url
}

const failures: Readonly<Record<string, readonly [says: string, next: string]>> = {
  '50011': [
    'is not registered: Entra ID will send nobody back to it',
    'register it as a redirect URI (Web) of the app, letter by letter',
  ],
  '700016': ['is asked for by an app that the tenant does not know', 'look at gate.sign-in.client and at the tenant'],
  '90002': ['is asked for in a tenant that does not exist', 'look at tenant and cloud in the site file'],
  '7000218': ['is registered for a public client', 'register it under Web, which has a secret or a certificate'],
}

/** What the page of the sign-in says of the redirect URI. */
export function judgeAuthorize(page: AskedPage, redirectUri: string, figures: Readonly<Record<string, string>>): Found {
  if (page.kind === 'failed') return unknown(`${redirectUri} could not be asked about: ${page.why}`, { figures })
  const code = /AADSTS(\d{4,7})/.exec(page.text)?.[1] ?? /"sErrorCode":"(\d{4,7})"/.exec(page.text)?.[1]
  if (code !== undefined) {
    const [says, next] = failures[code] ?? ['was not accepted', `postern explain AADSTS${code}`]
    return limited(`${redirectUri} ${says} (AADSTS${code})`, next, { figures: { ...figures, code: `AADSTS${code}` } })
  }
  if (page.location === undefined)
    return unknown(`${redirectUri}: the sign-in answered ${page.status} and no code`, { figures })
  // Compared up to the query: what is answered stands behind it.
  const [back] = page.location.split(/[?#]/, 1)
  return back === redirectUri
    ? ok(`${redirectUri} is registered, and Entra ID sends browsers back to it`, { figures })
    : unknown(`${redirectUri}: the sign-in sends browsers to another page first`, { figures })
}
