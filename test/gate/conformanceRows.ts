import type { SignInReason } from '../../src/gate/signIn/signInReasons.ts'
import type { IdTokenReason } from '../../src/identity/idTokenVerifier.ts'
import type { Misbehaviour } from '../../src/lab/tenant/index.ts'

/** How a sign-in ends: with a session, or with a page that says why there is none. */
export type End =
  | { readonly how: 'signed-in' }
  | {
      readonly how: 'refused'
      readonly status: number
      readonly reason: SignInReason
      readonly because?: IdTokenReason
    }

/** What stands against what the module asks for. */
export type Against =
  | 'as-asked'
  /** The module takes what the gate refuses, or leaves it to the reader. */
  | 'stricter'
  /** The gate has no use for what the module is about, and the row shows that it makes none. */
  | 'unused'

export interface ConformanceRow {
  /** Of the plan `oidcc-client-basic-certification-test-plan`, without `oidcc-client-test-`. */
  readonly module: string
  /** What the module wants of a client, in a sentence. */
  readonly asks: string
  readonly tenant: Misbehaviour
  readonly end: End
  readonly against: Against
  /** Why the gate does this and nothing else. */
  readonly why: string
}

const signedIn: End = { how: 'signed-in' }

const rejected = (because: IdTokenReason): End => ({
  how: 'refused',
  status: 403,
  reason: 'token-rejected',
  because,
})

/** A key that cannot be named or fetched may be there in a while: the person is told to try again. */
const keyless = (because: IdTokenReason): End => ({
  how: 'refused',
  status: 503,
  reason: 'keys-unreachable',
  because,
})

const answered = (reason: SignInReason): End => ({ how: 'refused', status: 400, reason })

const aWeekAgo = (): number => Math.floor(Date.now() / 1000) - 7 * 86_400

/** The modules that a sign-in can end well in. */
const taken = (client: string): readonly ConformanceRow[] => [
  {
    module: 'oidcc-client-test',
    asks: 'A sign-in with nothing wrong in it ends well.',
    tenant: {},
    end: signedIn,
    against: 'as-asked',
    why: 'The measure of all other rows.',
  },
  {
    module: 'idtoken-sig-rs256',
    asks: 'An ID token that is signed by RS256 is taken.',
    tenant: { tokenHeader: { alg: 'RS256' } },
    end: signedIn,
    against: 'as-asked',
    why: 'Entra ID signs with it.',
  },
  {
    module: 'valid-aud-as-array',
    asks: 'An audience that is a list with the client alone is taken.',
    tenant: { idTokenClaims: { aud: [client] } },
    end: signedIn,
    against: 'as-asked',
    why: 'RFC 7519 section 4.1.3 has both forms for one audience.',
  },
  {
    module: 'token-type-case-insensitivity',
    asks: 'The type of the token is read without regard to case.',
    tenant: { tokenAnswer: { token_type: 'bEaReR' } },
    end: signedIn,
    against: 'as-asked',
    why: 'RFC 6749 section 5.1.',
  },
  {
    module: 'token-endpoint-response-without-expires_in',
    asks: 'An answer that does not say how long the access token lives is taken.',
    tenant: { tokenAnswer: { expires_in: undefined, ext_expires_in: undefined } },
    end: signedIn,
    against: 'as-asked',
    why: 'How long a session lives is a setting of the gate, and the access token of a sign-in is not used.',
  },
  {
    module: 'iat-is-week-in-past',
    asks: 'Whether a token that was issued a week ago and is not over yet is too old is left to the client.',
    tenant: { idTokenClaims: { iat: aWeekAgo(), nbf: aWeekAgo() } },
    end: signedIn,
    against: 'as-asked',
    why: 'It came for a code that was issued to this sign-in, with its nonce: it cannot be one that somebody kept. Its exp decides.',
  },
  {
    module: 'removed-iss-in-authorization-response',
    asks: 'An answer without iss, of a server that does not say that it sends one, is taken (RFC 9207 section 2.4).',
    tenant: {},
    end: signedIn,
    against: 'as-asked',
    why: 'Entra ID sends none. State and verifier are bound to the one authority that the gate asks, and the issuer of the ID token is looked at in any case.',
  },
]

/** What the ID token says. */
const wrongTokens = (client: string): readonly ConformanceRow[] => [
  {
    module: 'idtoken-sig-none',
    asks: 'A client that asked for unsigned ID tokens may take one that comes from the token endpoint; others refuse it.',
    tenant: { tokens: 'alg-none' },
    end: rejected('algorithm-not-allowed'),
    against: 'stricter',
    why: 'Entra ID signs all of its tokens.',
  },
  {
    module: 'invalid-sig-rs256',
    asks: 'A signature that does not fit is refused.',
    tenant: { tokens: 'bad-signature' },
    end: rejected('signature-invalid'),
    against: 'as-asked',
    why: 'OpenID Connect Core 3.1.3.7 allows to leave it out for the token endpoint; the gate never does.',
  },
  {
    module: 'invalid-sig-es256',
    asks: 'A signature by ES256 that does not fit is refused.',
    tenant: { tokens: 'bad-signature', tokenHeader: { alg: 'ES256' } },
    end: rejected('algorithm-not-allowed'),
    against: 'as-asked',
    why: 'One by ES256 that does fit is refused as well: Entra ID publishes RSA keys and no others, for RS256.',
  },
  {
    module: 'invalid-sig-hs256',
    asks: 'A signature by HS256 that is not by the secret of the client is refused.',
    tenant: { tokens: 'alg-hs256' },
    end: rejected('algorithm-not-allowed'),
    against: 'as-asked',
    why: 'HS256 would make of a published key, or of a secret that is shared, something that signs.',
  },
  {
    module: 'invalid-iss',
    asks: 'Another issuer than the one that was asked is refused.',
    tenant: { idTokenClaims: { iss: 'https://login.evil.example/v2.0' } },
    end: rejected('issuer-mismatch'),
    against: 'as-asked',
    why: 'The issuer is made of the tenant and the configured cloud, and compared by each letter.',
  },
  {
    module: 'missing-iat',
    asks: 'An ID token without iat is refused.',
    tenant: { idTokenClaims: { iat: undefined } },
    end: rejected('lifetime-missing'),
    against: 'as-asked',
    why: 'OpenID Connect Core section 2: it is required.',
  },
  {
    module: 'missing-sub',
    asks: 'An ID token without sub is refused.',
    tenant: { idTokenClaims: { sub: undefined } },
    end: rejected('identity-missing'),
    against: 'as-asked',
    why: 'Required, although a person is tid and oid here: a token without it is not one of Entra ID.',
  },
  {
    module: 'missing-aud',
    asks: 'An ID token without aud is refused.',
    tenant: { idTokenClaims: { aud: undefined } },
    end: rejected('audience-mismatch'),
    against: 'as-asked',
    why: 'A token that is for nobody is not for us.',
  },
  {
    module: 'invalid-aud',
    asks: 'An ID token for another client is refused.',
    tenant: { idTokenClaims: { aud: '99999999-0000-4000-8000-000000000009' } },
    end: rejected('audience-mismatch'),
    against: 'as-asked',
    why: 'Another app of the same tenant would be able to sign its people in here.',
  },
  {
    module: 'invalid-secondary-aud',
    asks: 'An ID token that is for the client and for somebody whom it does not trust is refused.',
    tenant: { idTokenClaims: { aud: [client, 'https://other.example'], azp: client } },
    end: rejected('audience-mismatch'),
    against: 'as-asked',
    why: 'No second audience is trusted, with azp or without: Entra ID issues for one.',
  },
  {
    module: 'invalid-missing-nonce',
    asks: 'An ID token without the nonce that was sent is refused.',
    tenant: { tokens: 'no-nonce' },
    end: rejected('nonce-mismatch'),
    against: 'as-asked',
    why: 'A nonce is always sent.',
  },
  {
    module: 'nonce-invalid',
    asks: 'An ID token with another nonce is refused.',
    tenant: { tokens: 'wrong-nonce' },
    end: rejected('nonce-mismatch'),
    against: 'as-asked',
    why: 'It is the answer to another sign-in.',
  },
]

const wrongKeys: readonly ConformanceRow[] = [
  {
    module: 'kid-absent-single-jwks',
    asks: 'A token that names no key is verified by the one key that is published.',
    tenant: { tokens: 'no-kid', keys: 'rotated' },
    end: keyless('key-unknown'),
    against: 'stricter',
    why: 'Entra ID names the key in every token, and publishes several. Which one signed is never guessed.',
  },
  {
    module: 'kid-absent-multiple-jwks',
    asks: 'A token that names no key, where several are published, is refused or verified by the one that fits.',
    tenant: { tokens: 'no-kid', keys: 'rolling' },
    end: keyless('key-unknown'),
    against: 'as-asked',
    why: 'As above: a key is found by its name alone.',
  },
  {
    module: 'discovery-issuer-mismatch',
    asks: 'Metadata whose issuer is another one than was asked is refused.',
    tenant: { metadata: 'wrong-issuer' },
    end: keyless('keys-unreachable'),
    against: 'as-asked',
    why: 'OpenID Connect Discovery 4.3. Nothing else of the document is used: endpoints are those that Microsoft documents.',
  },
]

const wrongAnswers: readonly ConformanceRow[] = [
  {
    module: 'invalid-state',
    asks: 'An answer with another state is refused.',
    tenant: { authorizationResponse: 'wrong-state' },
    end: answered('answer-unreadable'),
    against: 'as-asked',
    why: 'It is no state of the shape that the gate makes; one of that shape is unknown (attacks/signIn.test.ts).',
  },
  {
    module: 'missing-state',
    asks: 'An answer without state is refused.',
    tenant: { authorizationResponse: 'no-state' },
    end: answered('answer-unreadable'),
    against: 'as-asked',
    why: 'A state is always sent.',
  },
  {
    module: 'invalid-iss-in-authorization-response',
    asks: 'An answer whose iss is another issuer is refused, and its code sent nowhere (RFC 9207).',
    tenant: { authorizationResponse: 'wrong-issuer' },
    end: answered('issuer-mismatch'),
    against: 'as-asked',
    why: 'Mix-up: the code may be one of another server.',
  },
]

const unusedUserinfo =
  'Who somebody is stands in the ID token. The claims that count here (tid, oid, roles, groups) are not those of Entra ID’s userinfo, which is Graph.'

const unused: readonly ConformanceRow[] = [
  {
    module: 'scope-userinfo-claims',
    asks: 'Claims that were asked for by scopes are fetched from the userinfo endpoint.',
    tenant: {},
    end: signedIn,
    against: 'unused',
    why: unusedUserinfo,
  },
  {
    module: 'userinfo-invalid-sub',
    asks: 'An answer of userinfo about somebody else is refused.',
    tenant: {},
    end: signedIn,
    against: 'unused',
    why: unusedUserinfo,
  },
  {
    module: 'userinfo-bearer-header',
    asks: 'The access token goes to the userinfo endpoint in a header field.',
    tenant: {},
    end: signedIn,
    against: 'unused',
    why: unusedUserinfo,
  },
  {
    module: 'client-secret-basic',
    asks: 'The client proves itself by HTTP Basic.',
    tenant: {},
    end: signedIn,
    against: 'unused',
    why: 'Entra ID documents the secret in the form, a certificate and a federated token: those three the gate has, each with tests of its own.',
  },
]

/**
 * The modules of the certification of basic relying parties, each as a way in which the built-in tenant behaves and what
 * the gate makes of it. https://openid.net/certification/connect_rp_testing/
 * What an attacker makes of the same answers, through the whole gate, is in `attacks/signIn.test.ts`.
 *
 * @param client id of the gate's app registration
 */
export function conformanceRows(client: string): readonly ConformanceRow[] {
  return [...taken(client), ...wrongTokens(client), ...wrongKeys, ...wrongAnswers, ...unused]
}
