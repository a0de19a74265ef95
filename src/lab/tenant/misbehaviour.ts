/** How an endpoint fails to answer as it should. */
export type Answering =
  /** After so many milliseconds, and then well. */
  | { readonly how: 'slow'; readonly ms: number }
  /** Takes the request and never answers. */
  | { readonly how: 'hang' }
  /** Cuts the connection. */
  | { readonly how: 'reset' }
  | { readonly how: 'status'; readonly status: number; readonly retryAfterSec?: number }
  /** 200 with ten MB and more of JSON. */
  | { readonly how: 'huge' }
  /** 302 to another place. */
  | { readonly how: 'redirect'; readonly to: string }
  /** 200 with what is no JSON. */
  | { readonly how: 'not-json' }

/** The endpoints of the tenant, by what they are for. */
export const endpoints = ['metadata', 'keys', 'authorize', 'token', 'signOut', 'graph'] as const
export type EndpointName = (typeof endpoints)[number]

/** One way to be wrong for each part of the tenant; parts that are left out behave. */
export interface Misbehaviour {
  /** Nothing listens at the port any more. */
  readonly down?: true
  /** Of every endpoint that {@link answers} does not name. */
  readonly everywhere?: Answering
  /** Of one endpoint, or of several. */
  readonly answers?: Readonly<Partial<Record<EndpointName, Answering>>>
  readonly keys?: /** A new key signs, and the old one is no longer published. */
    | 'rotated'
    /** A new key signs; both are published. */
    | 'rolling'
    /** A new key signs, which every other fetch does not show; the others show it alone. */
    | 'half'
    /** A new key signs that is not published. */
    | 'unpublished'
    /** Each published key says that it is for another tenant. */
    | 'of-another-issuer'
  readonly metadata?:
    | 'wrong-issuer'
    /** `jwks_uri` is on another host. */
    | 'keys-elsewhere'
    /** The token endpoint is on another host. */
    | 'token-elsewhere'
  /** Of every token that is issued, ID and access tokens alike. */
  readonly tokens?:
    | 'wrong-issuer'
    | 'wrong-audience'
    | 'another-tenant'
    | 'expired'
    | 'not-yet-valid'
    | 'no-nonce'
    | 'wrong-nonce'
    | 'alg-none'
    | 'alg-hs256'
    | 'bad-signature'
    | 'no-kid'
    /** By a key that the token brings along. */
    | 'embedded-key'
  /** Members of the header of tokens, in the place of the right ones. */
  readonly tokenHeader?: Readonly<Record<string, unknown>>
  /** Claims of ID tokens, in the place of the right ones; undefined leaves one out. */
  readonly idTokenClaims?: Readonly<Record<string, unknown>>
  /** The same of access tokens, of all but Graph's. */
  readonly accessTokenClaims?: Readonly<Record<string, unknown>>
  /** Members of the token endpoint's answer, in the place of the right ones; undefined leaves one out. */
  readonly tokenAnswer?: Readonly<Record<string, unknown>>
  readonly refresh?: 'invalid_grant' | 'interaction_required' | 'throttled' | 'unavailable'
  /** The second factor is asked for and its result left out of the tokens. */
  readonly stepUp?: 'ignored'
  /** The answer to an authorization request, on its way back to the app. */
  readonly authorizationResponse?: /** `iss` (RFC 9207) names another issuer. */
  'wrong-issuer' | 'no-state' | 'wrong-state' | 'wrong-code'
  /** The sign-in log shows nothing yet: its entries come minutes after the sign-ins. */
  readonly signInLog?: 'late'
  readonly graph?:
    | 'throttled'
    | 'unavailable'
    | 'forbidden'
    /** The link to the next page leads to the page itself, for ever. */
    | 'endless'
    /** The link to the next page leads to another host. */
    | 'next-elsewhere'
    /** The second page is an error. */
    | 'second-page-fails'
}
