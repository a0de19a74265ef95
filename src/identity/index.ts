/**
 * Access tokens of Entra ID, verified by the same rules as by the gate: for services of one's own that a gate does not
 * stand before.
 */
export type { Authority, TokenVersion } from './authorities.ts'
export { authorities, playedAuthority } from './authorities.ts'
export type { Challenge } from './challenges.ts'
export { isAuthenticationContext, stepUpChallenge, tokenChallenge } from './challenges.ts'
export type { AskedGate, AskedRequest } from './explainAccess.ts'
export { explainAccess } from './explainAccess.ts'
export type { FetchJson } from './fetchJson.ts'
export { hypotheticalIdentity } from './hypotheticalIdentity.ts'
export type { Identity, TokenGroups } from './identity.ts'
export type { AccessVerdict, Asked, WayIn } from './judgeAccess.ts'
export { judgeAccess, ofIdentity } from './judgeAccess.ts'
export type { AccessRequest, KnownGroups } from './policies/criterion.ts'
export { criteria } from './policies/index.ts'
export { callbackPath, redirectUriOf } from './redirectUri.ts'
export { mostTokenOctets } from './signedClaims.ts'
export type { TokenReason } from './tokenReasons.ts'
export { tokenReasons } from './tokenReasons.ts'
export type { TokenVerdict, TokenVerifierOptions } from './tokenVerifier.ts'
export { TokenVerifier } from './tokenVerifier.ts'
