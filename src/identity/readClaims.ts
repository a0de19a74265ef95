import { isGuid } from '../model/guid.ts'
import type { TokenVersion } from './authorities.ts'
import { tokenVersions } from './authorities.ts'
import type { Identity, TokenGroups } from './identity.ts'

/** The claims of a token whose JSON is an object; whatever is in them has yet to be looked at. */
export type Claims = Readonly<Record<string, unknown>>

/** @returns undefined where the claim is absent, or no text with something in it */
export function textOf(claims: Claims, name: string): string | undefined {
  const value = claims[name]
  return Object.hasOwn(claims, name) && typeof value === 'string' && value !== '' ? value : undefined
}

/** @returns seconds since 1970; undefined where the claim is absent, or no number of seconds */
export function secondsOf(claims: Claims, name: string): number | undefined {
  const value = claims[name]
  return Object.hasOwn(claims, name) && typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A list of texts, or one alone: Entra writes a list of one as text at times. What is no text is passed over. */
export function textsOf(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  const list = Array.isArray(value) ? value : [value]
  return list.filter((one): one is string => typeof one === 'string' && one !== '')
}

/** A GUID in lower case; undefined for anything else. */
export function guidOf(claims: Claims, name: string): string | undefined {
  const text = textOf(claims, name)
  return text !== undefined && isGuid(text) ? text.toLowerCase() : undefined
}

export function versionOf(claims: Claims): TokenVersion | undefined {
  const version = textOf(claims, 'ver')
  return tokenVersions.find((known) => known === version)
}

/**
 * Groups, and whether the token left them out because they were too many: then `_claim_names` points to a place to ask,
 * which is of a retired API and not asked. `hasgroups` says the same in the implicit flow.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim
 */
export function groupsOf(claims: Claims): TokenGroups {
  const names = claims['_claim_names']
  const isObject = typeof names === 'object' && names !== null
  // Whatever else stands there may mean the same.
  const points = Object.hasOwn(claims, '_claim_names') && (!isObject || Object.hasOwn(names, 'groups'))
  const has = claims['hasgroups']
  if (points || (Object.hasOwn(claims, 'hasgroups') && String(has).toLowerCase() !== 'false'))
    return { kind: 'over-limit' }
  if (!Object.hasOwn(claims, 'groups')) return { kind: 'not-told' }
  return { kind: 'listed', ids: textsOf(claims, 'groups').map((id) => id.toLowerCase()) }
}

const proofs: Readonly<Record<string, Identity['clientProof']>> = { '0': 'public', '1': 'secret', '2': 'certificate' }

export function clientProofOf(claims: Claims): Identity['clientProof'] {
  const told = textOf(claims, 'azpacr') ?? textOf(claims, 'appidacr') ?? ''
  return Object.hasOwn(proofs, told) ? (proofs[told] ?? 'not-told') : 'not-told'
}

/**
 * Whether an access token speaks for a person or for an app alone. `idtyp` tells where the API asks for it; without it a
 * token with scopes is a person's, and one without is an app's where subject and object are the same, which in a
 * person's tokens they never are: there the subject is another for each app.
 *
 * @returns undefined where it is neither: an ID token, or claims that contradict each other
 */
export function kindOf(claims: Claims): Identity['kind'] | undefined {
  if (['idtyp', 'scp', 'nonce'].some((name) => Object.hasOwn(claims, name) && typeof claims[name] !== 'string')) {
    return undefined
  }
  const type = textOf(claims, 'idtyp')?.toLowerCase()
  const hasScopes = textOf(claims, 'scp') !== undefined
  if (textOf(claims, 'nonce') !== undefined) return undefined
  if (type === 'app') return hasScopes ? undefined : 'app'
  if (type !== undefined && type !== 'user') return undefined
  if (hasScopes) return 'user'
  if (type !== undefined) return undefined
  const object = textOf(claims, 'oid')
  return object !== undefined && object === textOf(claims, 'sub') ? 'app' : undefined
}

/** What a token says of whom it was issued for; the fields that decide are read by the caller. */
export function identityOf(
  claims: Claims,
  sure: Pick<Identity, 'kind' | 'tenantId' | 'objectId' | 'tokenVersion' | 'clientId' | 'issuedAt' | 'expiresAt'>,
): Identity {
  const account = claims['acct']
  return {
    ...sure,
    clientProof: clientProofOf(claims),
    roles: textsOf(claims, 'roles'),
    scopes: (textOf(claims, 'scp') ?? '').split(' ').filter((scope) => scope !== ''),
    groups: groupsOf(claims),
    directoryRoles: textsOf(claims, 'wids').map((id) => id.toLowerCase()),
    authenticationContexts: textsOf(claims, 'acrs'),
    authenticationMethods: textsOf(claims, 'amr'),
    takesClaimsChallenges: textsOf(claims, 'xms_cc').some((capability) => capability.toLowerCase() === 'cp1'),
    isGuest: account === 1 || account === '1' ? true : account === 0 || account === '0' ? false : undefined,
    sessionId: textOf(claims, 'sid'),
    tokenId: textOf(claims, 'uti'),
    displayName:
      textOf(claims, 'name') ??
      textOf(claims, 'preferred_username') ??
      textOf(claims, 'upn') ??
      textOf(claims, 'app_displayname'),
  }
}
