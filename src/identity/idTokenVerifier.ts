import type { Identity } from './identity.ts'
import type { Claims } from './readClaims.ts'
import { guidOf, identityOf, secondsOf, textOf } from './readClaims.ts'
import type { SignedClaimsOptions } from './signedClaims.ts'
import { isCompact, mostTokenOctets, SignedClaims } from './signedClaims.ts'
import type { TokenReason } from './tokenReasons.ts'

export interface IdTokenVerifierOptions extends SignedClaimsOptions {
  /** Application (client) id that tokens must be for, a GUID in lower case. */
  readonly client: string
  /** How far the clocks of Entra ID and of this machine may be apart, in seconds; default 60. */
  readonly clockSkewSec?: number
}

/** What an ID token has to fit, besides what all have to. */
export interface ExpectedIdToken {
  /** Of the authorization request; absent where the token came by a refresh token, which has none or the first. */
  readonly nonce?: string
  /** Who it was before: OpenID Connect Core 1.0 §12.2. */
  readonly person?: Pick<Identity, 'tenantId' | 'objectId'>
}

/** Why an ID token is not accepted, besides the reasons that tokens of all kinds have. */
export type IdTokenReason = TokenReason | 'nonce-mismatch' | 'not-an-id-token' | 'other-person'

export type IdTokenVerdict =
  | { readonly ok: true; readonly identity: Identity; readonly issuer: string }
  | { readonly ok: false; readonly reason: IdTokenReason }

/**
 * Verifies the ID tokens that an app gets for its own sign-ins: those of the v2.0 endpoints, of one tenant or several.
 * OpenID Connect Core 1.0 §3.1.3.7, with all that is left to the reader there decided.
 */
export class IdTokenVerifier {
  readonly #options: IdTokenVerifierOptions
  readonly #signed: SignedClaims

  constructor(options: IdTokenVerifierOptions) {
    this.#options = options
    this.#signed = new SignedClaims(options)
  }

  /** Never rejects, whatever the token. */
  async verify(token: string, expected: ExpectedIdToken): Promise<IdTokenVerdict> {
    if (token === '') return no('no-token')
    if (token.length > mostTokenOctets) return no('token-too-large')
    if (!isCompact(token)) return no('not-a-jwt')
    const read = await this.#signed.read(token)
    if (!read.ok) return read
    if (read.version !== '2.0') return no('version-unknown')
    const verdict = this.#judge(read.claims, read.tenant, expected)
    return 'reason' in verdict ? no(verdict.reason) : { ok: true, identity: verdict, issuer: read.issuer }
  }

  #judge(claims: Claims, tenantId: string, expected: ExpectedIdToken): Identity | { readonly reason: IdTokenReason } {
    const { client, now, clockSkewSec = 60 } = this.#options
    // Where others may take it too, one of them could have brought it.
    const audience = [claims['aud']].flat()
    if (audience.length !== 1 || audience[0] !== client) return { reason: 'audience-mismatch' }
    if (claims['azp'] !== undefined && claims['azp'] !== client) return { reason: 'audience-mismatch' }
    const [issuedAt, expiresAt] = [secondsOf(claims, 'iat'), secondsOf(claims, 'exp')]
    if (issuedAt === undefined || expiresAt === undefined) return { reason: 'lifetime-missing' }
    const at = now() / 1000
    if (at >= expiresAt + clockSkewSec) return { reason: 'expired' }
    const begins = claims['nbf'] === undefined ? issuedAt : secondsOf(claims, 'nbf')
    if (begins === undefined) return { reason: 'lifetime-missing' }
    if (at < Math.max(issuedAt, begins) - clockSkewSec) return { reason: 'not-yet-valid' }
    if (expected.nonce !== undefined && claims['nonce'] !== expected.nonce) return { reason: 'nonce-mismatch' }
    // An access token for an API that is the app itself has its audience too.
    if (claims['scp'] !== undefined || textOf(claims, 'idtyp') === 'app') return { reason: 'not-an-id-token' }
    const objectId = guidOf(claims, 'oid')
    if (objectId === undefined || textOf(claims, 'sub') === undefined) return { reason: 'identity-missing' }
    const { person } = expected
    if (person !== undefined && (person.tenantId !== tenantId || person.objectId !== objectId)) {
      return { reason: 'other-person' }
    }
    const sure = {
      kind: 'user',
      tenantId,
      objectId,
      tokenVersion: '2.0',
      clientId: client,
      issuedAt,
      expiresAt,
    } as const
    return identityOf(claims, sure)
  }
}

const no = (reason: IdTokenReason): IdTokenVerdict => ({ ok: false, reason })
