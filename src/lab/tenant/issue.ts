import type { KoaContextWithOIDC } from 'oidc-provider'
import type { AppRegistration } from './apps.ts'
import { graphAppId } from './apps.ts'
import { readAskedClaims } from './askedClaims.ts'
import type { AskedScope } from './askedScope.ts'
import { readScope } from './askedScope.ts'
import type { Directory } from './directory.ts'
import { type EntraError, entraError } from './entraErrors.ts'
import type { Beside, GrantFacts } from './protocol.ts'
import { signToken, type TokenMaker } from './signToken.ts'
import { appTokenClaims, type Granted, idTokenClaims, type SignedIn, userTokenClaims } from './tokenClaims.ts'

/** What an issued answer has in it (RFC 6749 §5.1), with the members that Entra adds. */
export type TokenAnswer = Readonly<Record<string, unknown>>

export type Issued = { readonly ok: TokenAnswer } | { readonly refused: EntraError }

const refuse = (...told: Parameters<typeof entraError>): Issued => ({ refused: entraError(...told) })

/** Makes Entra's tokens of what the protocol library granted. */
export async function issueForPerson(
  maker: TokenMaker,
  directory: Directory,
  facts: GrantFacts,
  { client, beside }: { readonly client: AppRegistration; readonly beside: Beside },
  refreshToken: unknown,
): Promise<Issued> {
  const person = directory.person(facts.person)
  if (person === undefined) return refuse(50034, 'invalid_grant', 'The user account does not exist in the directory.')
  const scope = readScope(beside.scope ?? facts.scope, directory)
  if ('code' in scope) return { refused: scope }
  const claims = readAskedClaims(beside.claims)
  if (claims === undefined) return refuse(50146, 'invalid_request', 'The claims parameter is no JSON object.')
  const isStrong = facts.factors.includes('mfa')
  if (claims.essential.length > 0 && !isStrong) {
    return refuse(50076, 'interaction_required', 'Multi-factor authentication is needed to access the resource.')
  }
  // A second factor satisfies every context.
  const isTold = isStrong && maker.how.stepUp !== 'ignored'
  const contexts = isTold ? [...new Set([...facts.contexts, ...claims.contexts])] : []
  const { nonce, sid, authTime, factors } = facts
  const signedIn: SignedIn = { person, app: client, nonce, sid, authTime, contexts, factors }
  const capabilities = [...new Set([...facts.capabilities, ...claims.capabilities])]
  const granted = grantedBy(scope, beside.proof, capabilities)
  const ok = {
    token_type: 'Bearer',
    scope: scope.scopes.map((one) => named(scope, one)).join(' '),
    expires_in: maker.lifetimeSec,
    ext_expires_in: maker.lifetimeSec,
    access_token: await accessToken(maker, userTokenClaims(maker, signedIn, granted), scope.api),
    ...(typeof refreshToken === 'string' && { refresh_token: refreshToken }),
    ...(readsOpenId(facts.scope) && { id_token: await signToken(maker, idTokenClaims(maker, signedIn), 'id') }),
  }
  return { ok }
}

/** Client credentials: `{api}/.default` and nothing else. */
export async function issueForApp(
  maker: TokenMaker,
  directory: Directory,
  client: AppRegistration,
  beside: Beside,
): Promise<Issued> {
  const scope = readScope(beside.scope ?? '', directory)
  if ('code' in scope) return { refused: scope }
  if (!scope.isDefault) {
    return refuse(1002012, 'invalid_scope', 'Client credential flows must have a scope value with /.default suffixed.')
  }
  const claims = readAskedClaims(beside.claims)
  const granted = grantedBy(scope, beside.proof, claims?.capabilities ?? [])
  const ok = {
    token_type: 'Bearer',
    expires_in: maker.lifetimeSec,
    ext_expires_in: maker.lifetimeSec,
    access_token: await accessToken(maker, appTokenClaims(maker, client, granted), scope.api),
  }
  return { ok }
}

const grantedBy = (
  { api, named, scopes }: AskedScope,
  proof: Beside['proof'],
  capabilities: readonly string[],
): Granted => ({
  api,
  named,
  scopes,
  proof,
  capabilities,
})

/** Scopes of Graph go by their short names. */
const named = ({ api, named: name }: AskedScope, scope: string): string =>
  api.clientId === graphAppId ? scope : `${name}/${scope}`

const readsOpenId = (scope: string): boolean => scope.split(' ').includes('openid')

function accessToken(
  maker: TokenMaker,
  claims: Readonly<Record<string, unknown>>,
  api: AppRegistration,
): Promise<string> {
  return signToken(maker, claims, api.clientId === graphAppId ? 'graph' : 'access')
}

/** Whom the protocol library granted something, and with what. */
export function grantedIn({ entities }: KoaContextWithOIDC['oidc']): {
  readonly grantId?: string
  readonly clientId?: string
} {
  const { Grant, Client } = entities
  return {
    ...(Grant?.jti !== undefined && { grantId: Grant.jti }),
    ...(Client?.clientId !== undefined && { clientId: Client.clientId }),
  }
}
