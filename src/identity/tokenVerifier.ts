import type { Cloud } from '../model/cloud.ts'
import type { Authority, TokenVersion } from './authorities.ts'
import { authorities, tenantIdOf } from './authorities.ts'
import type { FetchJson } from './fetchJson.ts'
import type { Identity } from './identity.ts'
import type { Claims } from './readClaims.ts'
import { guidOf, identityOf, kindOf, secondsOf } from './readClaims.ts'
import { isCompact, mostTokenOctets, SignedClaims } from './signedClaims.ts'
import type { TokenReason } from './tokenReasons.ts'

export interface TokenVerifierOptions {
  readonly cloud: Cloud
  /** In the place of the cloud's: that of a tenant that is played. */
  readonly authority?: Authority
  /** Ids of the tenants whose tokens are accepted, one or more; every other tenant is denied before anything is fetched. */
  readonly tenants: readonly string[]
  /** What tokens may be for: the client id of the API, and for v1.0 tokens its App ID URIs. One or more. */
  readonly audiences: readonly string[]
  /** Who may come with a token of their own; default: people. */
  readonly accepts?: 'users' | 'apps' | 'both'
  /** How far the clocks of Entra ID and of this machine may be apart, in seconds, 0 to 300; default 60. */
  readonly clockSkewSec?: number
  /** How long a verified token is not verified anew, in seconds, 0 to 3600; default 600. Its expiry and revocation count all the same. */
  readonly rememberSec?: number
  /** Verified tokens that are remembered, 0 to 1,000,000; default 10,000. Some 1.5 KB each. */
  readonly mostRemembered?: number
  readonly fetchJson: FetchJson
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Asked each time that a token is used: whether those of this identity from that time are no longer accepted. */
  readonly isRevoked?: (identity: Identity) => boolean
}

export type TokenVerdict =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: TokenReason }

/**
 * Verifies access tokens of Entra ID: v1.0 and v2.0, of one tenant or several, of any cloud. Everything is compared with
 * what is expected, and nothing that a token says chooses where keys come from or how they are used, except among the
 * tenants that are allowed.
 *
 * @throws RangeError for options out of their ranges
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions
  readonly #signed: SignedClaims
  readonly #skewSec: number
  readonly #rememberSec: number
  readonly #mostRemembered: number
  /** By hash, the least recently used first. */
  readonly #remembered = new Map<string, { readonly identity: Identity; readonly until: number }>()

  constructor(options: TokenVerifierOptions) {
    const { clockSkewSec = 60, rememberSec = 600, mostRemembered = 10_000, tenants, audiences } = options
    const ids = tenants.map(tenantIdOf)
    if (ids.length === 0 || ids.includes(undefined)) {
      throw new RangeError('tenants: one tenant id or more is needed, each a GUID')
    }
    if (audiences.length === 0 || audiences.includes('')) {
      throw new RangeError('audiences: one or more is needed, such as the client id of the API')
    }
    this.#options = options
    this.#signed = new SignedClaims({
      authority: options.authority ?? authorities[options.cloud],
      tenants: new Set(ids.filter((id) => id !== undefined)),
      fetchJson: options.fetchJson,
      now: options.now,
    })
    this.#skewSec = within('clockSkewSec', clockSkewSec, 300)
    this.#rememberSec = within('rememberSec', rememberSec, 3600)
    this.#mostRemembered = within('mostRemembered', mostRemembered, 1_000_000)
  }

  /** How many verified tokens are remembered. */
  get remembered(): number {
    return this.#remembered.size
  }

  /** Says who a token is for, or why it is not accepted. Never rejects, whatever the token. */
  async verify(token: string): Promise<TokenVerdict> {
    // Callers without types give what a header held, or nothing.
    if (typeof token !== 'string' || token === '') return no('no-token')
    if (token.length > mostTokenOctets) return no('token-too-large')
    if (!isCompact(token)) return no('not-a-jwt')
    const hash = await hashOf(token)
    const known = this.#recall(hash)
    const verdict = known === undefined ? await this.#verify(token) : ({ ok: true, identity: known } as const)
    if (!verdict.ok) return verdict
    const { identity } = verdict
    // Asked last, also of what is remembered: what was revoked a moment ago is denied now.
    try {
      if (this.#options.isRevoked?.(identity) === true) return no('revoked')
    } catch {
      return no('revocation-unknown')
    }
    if (known === undefined) this.#remember(hash, identity)
    return verdict
  }

  /** Forgets verified tokens: of all whom it may concern, or of everybody. */
  forget(concerns: (identity: Identity) => boolean = () => true): void {
    for (const [hash, { identity }] of this.#remembered) if (concerns(identity)) this.#remembered.delete(hash)
  }

  async #verify(token: string): Promise<TokenVerdict> {
    const read = await this.#signed.read(token)
    return read.ok ? this.#judge(read.claims, read.version, read.tenant) : read
  }

  /** What is left to be looked at when the signature is right. */
  #judge(claims: Claims, version: TokenVersion, tenantId: string): TokenVerdict {
    const { audiences, accepts = 'users' } = this.#options
    if (!audiences.some((audience) => isSameAudience(claims['aud'], audience, version))) return no('audience-mismatch')
    const issuedAt = secondsOf(claims, 'iat')
    const notBefore = secondsOf(claims, 'nbf')
    const expiresAt = secondsOf(claims, 'exp')
    if (issuedAt === undefined || notBefore === undefined || expiresAt === undefined) return no('lifetime-missing')
    const now = this.#options.now() / 1000
    if (now >= expiresAt + this.#skewSec) return no('expired')
    if (now < Math.max(issuedAt, notBefore) - this.#skewSec) return no('not-yet-valid')
    const objectId = guidOf(claims, 'oid')
    if (objectId === undefined) return no('identity-missing')
    const kind = kindOf(claims)
    const clientId = guidOf(claims, version === '1.0' ? 'appid' : 'azp')
    if (kind === undefined || clientId === undefined) return no('not-an-access-token')
    if (kind === 'user' && accepts === 'apps') return no('user-not-allowed')
    if (kind === 'app' && accepts === 'users') return no('app-not-allowed')
    const sure = { kind, tenantId, objectId, tokenVersion: version, clientId, issuedAt, expiresAt } as const
    return { ok: true, identity: identityOf(claims, sure) }
  }

  #recall(hash: string): Identity | undefined {
    const kept = this.#remembered.get(hash)
    if (kept === undefined) return undefined
    this.#remembered.delete(hash)
    if (this.#options.now() / 1000 >= kept.until) return undefined
    this.#remembered.set(hash, kept)
    return kept.identity
  }

  #remember(hash: string, identity: Identity): void {
    const until = Math.min(identity.expiresAt + this.#skewSec, this.#options.now() / 1000 + this.#rememberSec)
    this.#remembered.set(hash, { identity, until })
    if (this.#remembered.size <= this.#mostRemembered) return
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }
}

const no = (reason: TokenReason): TokenVerdict => ({ ok: false, reason })

/** Tokens themselves are not kept: whoever reads this process's memory finds none that were answered. */
async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return String.fromCharCode(...new Uint8Array(digest))
}

/** v1.0 tokens bear the App ID URI as the client asked for it, with a slash at its end or without. */
function isSameAudience(told: unknown, audience: string, version: TokenVersion): boolean {
  if (typeof told !== 'string') return false
  if (told === audience) return true
  return version === '1.0' && audience.includes('://') && withoutSlash(told) === withoutSlash(audience)
}

const withoutSlash = (uri: string): string => (uri.endsWith('/') ? uri.slice(0, -1) : uri)

function within(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new RangeError(`${name}: ${value} is no whole number from 0 to ${most}`)
}
