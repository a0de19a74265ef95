import type { Identity } from './identity.ts'
import type { Claims } from './readClaims.ts'
import { guidOf, identityOf, kindOf, secondsOf, textOf, versionOf } from './readClaims.ts'

/**
 * Who somebody with these claims would be, to ask what they would be allowed: nothing is verified, and what a token has
 * besides who it is for may be left out.
 *
 * @returns the claim that is needed and missing, or is no GUID; `refused` for claims that no access token has
 */
export function hypotheticalIdentity(
  claims: Claims,
): { readonly identity: Identity } | { readonly missing: 'tid' | 'oid' } | { readonly refused: 'not-an-access-token' } {
  const tenantId = guidOf(claims, 'tid')
  const objectId = guidOf(claims, 'oid')
  if (tenantId === undefined) return { missing: 'tid' }
  if (objectId === undefined) return { missing: 'oid' }
  const told = ['scp', 'idtyp', 'nonce'].some((name) => textOf(claims, name) !== undefined)
  // What a person is asked about with is often no more than who it is; what tells more must not contradict itself.
  const kind = kindOf(claims) ?? (told ? undefined : 'user')
  if (kind === undefined) return { refused: 'not-an-access-token' }
  return {
    identity: identityOf(claims, {
      kind,
      tenantId,
      objectId,
      tokenVersion: versionOf(claims) ?? '2.0',
      clientId: guidOf(claims, 'azp') ?? guidOf(claims, 'appid') ?? guidOf(claims, 'aud') ?? '',
      issuedAt: secondsOf(claims, 'iat') ?? 0,
      expiresAt: secondsOf(claims, 'exp') ?? 0,
    }),
  }
}
