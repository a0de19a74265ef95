import type { Identity } from './identity.ts'
import type { Claims } from './readClaims.ts'
import { guidOf, identityOf, secondsOf, textOf, versionOf } from './readClaims.ts'

/**
 * Who somebody with these claims would be, to ask what they would be allowed: nothing is verified, and what a token has
 * besides who it is for may be left out.
 *
 * @returns the claim that is needed and missing, or is no GUID
 */
export function hypotheticalIdentity(
  claims: Claims,
): { readonly identity: Identity } | { readonly missing: 'tid' | 'oid' } {
  const tenantId = guidOf(claims, 'tid')
  const objectId = guidOf(claims, 'oid')
  if (tenantId === undefined) return { missing: 'tid' }
  if (objectId === undefined) return { missing: 'oid' }
  return {
    identity: identityOf(claims, {
      kind: textOf(claims, 'idtyp')?.toLowerCase() === 'app' ? 'app' : 'user',
      tenantId,
      objectId,
      tokenVersion: versionOf(claims) ?? '2.0',
      clientId: guidOf(claims, 'azp') ?? guidOf(claims, 'appid') ?? guidOf(claims, 'aud') ?? '',
      issuedAt: secondsOf(claims, 'iat') ?? 0,
      expiresAt: secondsOf(claims, 'exp') ?? 0,
    }),
  }
}
