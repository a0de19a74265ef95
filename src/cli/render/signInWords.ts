import type { SignInRequest } from '../../model/signInRequest.ts'

const protocols: Readonly<Record<SignInRequest['protocol'], string>> = {
  'openid-connect': 'OpenID Connect',
  'ws-federation': 'WS-Federation',
  saml: 'SAML',
}

const ways: Readonly<Record<SignInRequest['by'], string>> = {
  redirect: 'by a redirect',
  form: 'by a form of the page',
  'meta-refresh': 'by a refresh of the page',
}

/** Where an app sends a browser to sign in, and what it asks for there. */
export function signInWords({
  protocol,
  by,
  endpoint,
  clientId,
  redirectUri,
  responseType,
  responseMode,
  scopes,
}: SignInRequest): readonly string[] {
  const openId = protocol === 'openid-connect'
  const named = {
    [openId ? 'client_id' : 'wtrealm']: clientId,
    [openId ? 'redirect_uri' : 'wreply']: redirectUri,
    response_type: responseType,
    response_mode: responseMode,
    scope: scopes?.join(' '),
  }
  return [
    `sends to ${endpoint} to sign in, ${ways[by]} (${protocols[protocol]})`,
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])),
  ]
}
