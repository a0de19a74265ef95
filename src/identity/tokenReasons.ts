/** Why a token is not accepted: a closed list, each with what whoever sent it can do. The order is that of the checks. */
export const tokenReasons = {
  'no-token': 'send the access token as "Authorization: Bearer TOKEN"',
  'token-too-large': 'ask for app roles in the place of groups, or for fewer optional claims',
  'not-a-jwt': 'send an access token of Entra ID, which has three parts with dots between them',
  'algorithm-not-allowed': 'Entra ID signs with RS256; no other algorithm is accepted',
  'critical-header': 'no extension of the header is understood that a token may demand (RFC 7515 section 4.1.11)',
  'token-of-graph': 'ask for a scope of this API: a token for Microsoft Graph can be checked by Graph alone',
  'version-unknown': 'the claim ver says which rules hold; it is neither 1.0 nor 2.0',
  'tenant-not-allowed': 'sign in with an account of a tenant that is allowed here',
  'issuer-mismatch': 'the issuer is not the one of the tenant that the token names',
  'key-unknown': 'the tenant publishes no key of this id: get a new token',
  'key-of-other-issuer': 'the key belongs to another issuer than the token',
  'keys-unreachable': 'the signing keys of the tenant cannot be fetched: try again later',
  'signature-invalid': 'the token was changed after it was signed, or was signed with another key',
  'audience-mismatch': 'ask for a token of this API: its audience is another one',
  expired: 'get a new token',
  'not-yet-valid': 'the token begins in the future: look at the clock of this server',
  'lifetime-missing': 'a token without iat, nbf or exp is not accepted',
  'not-an-access-token': 'send the access token and not the ID token',
  'identity-missing': 'a token without tid and oid says of nobody who it is for',
  'user-not-allowed': 'only apps are allowed here, with a token of their own',
  'app-not-allowed': 'only people are allowed here: sign in as one',
  'revocation-unknown': 'whether the token was revoked cannot be told now: try again later',
  revoked: 'sign in again: the tokens of this account from before were revoked',
} as const satisfies Readonly<Record<string, string>>

export type TokenReason = keyof typeof tokenReasons
