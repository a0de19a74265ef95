import type { TokenVersion } from './authorities.ts'

/** Groups as a token tells them. Above 200 it tells none (`over-limit`), which is not the same as being in none. */
export type TokenGroups =
  | { readonly kind: 'listed'; readonly ids: readonly string[] }
  | { readonly kind: 'over-limit' }
  /** The app does not ask for them. */
  | { readonly kind: 'not-told' }

/**
 * Who a token was issued for. The key of a person or an app is tenant and object id, and never a name or an e-mail
 * address, which can be changed and taken over.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface Identity {
  readonly kind: 'user' | 'app'
  /** Tenant id, GUID in lower case (`tid`). */
  readonly tenantId: string
  /** Object id of the user or the service principal, GUID in lower case (`oid`). */
  readonly objectId: string
  readonly tokenVersion: TokenVersion
  /** Client that the token was issued to (`azp`, in v1.0 `appid`), GUID in lower case. */
  readonly clientId: string
  /** How the client proved itself: `azpacr`, in v1.0 `appidacr`. */
  readonly clientProof: 'public' | 'secret' | 'certificate' | 'not-told'
  /** App roles and application permissions (`roles`). */
  readonly roles: readonly string[]
  /** Delegated scopes (`scp`). */
  readonly scopes: readonly string[]
  /** Object ids in lower case. */
  readonly groups: TokenGroups
  /** Template ids of directory roles (`wids`), in lower case. */
  readonly directoryRoles: readonly string[]
  /** Authentication contexts that the sign-in satisfied (`acrs`): c1 to c99. */
  readonly authenticationContexts: readonly string[]
  /** Methods of the sign-in (`amr`), which v1.0 tokens alone tell. */
  readonly authenticationMethods: readonly string[]
  /** Whether the client understands claims challenges (`xms_cc` with cp1). */
  readonly takesClaimsChallenges: boolean
  /** A guest of the tenant (`acct` 1); undefined where the app does not ask for it. */
  readonly isGuest: boolean | undefined
  /** Id of the session that front-channel sign-out speaks of (`sid`). */
  readonly sessionId: string | undefined
  /** Id of the token (`uti`). */
  readonly tokenId: string | undefined
  /** Seconds since 1970. */
  readonly issuedAt: number
  /** Seconds since 1970. */
  readonly expiresAt: number
  /** For people to read, and for nothing else: `name`, else `preferred_username`, `upn` or `app_displayname`. */
  readonly displayName: string | undefined
}
