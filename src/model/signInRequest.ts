/**
 * The request for a sign-in that an app hands to a browser, as far as it is the same each time: what belongs to one
 * sign-in alone (`state`, `nonce`, `code_challenge`) is nowhere.
 */
export interface SignInRequest {
  /** OpenID Connect Core 1.0 §3.1.2.1 and OAuth 2.0 (RFC 6749 §4.1.1), WS-Federation 1.2 §13.2.2, SAML 2.0 Bindings §3.4. */
  readonly protocol: 'openid-connect' | 'ws-federation' | 'saml'
  /** How the browser is sent there. */
  readonly by: 'redirect' | 'form' | 'meta-refresh'
  /** Where it is sent, without the query: `https://login.microsoftonline.com/…/oauth2/v2.0/authorize`. */
  readonly endpoint: string
  /** `client_id`, or the `wtrealm` of WS-Federation. */
  readonly clientId?: string
  /** `redirect_uri`, or the `wreply` of WS-Federation, letter by letter. */
  readonly redirectUri?: string
  readonly responseType?: string
  readonly responseMode?: string
  readonly scopes?: readonly string[]
}
