import { compactVerify, decodeJwt, decodeProtectedHeader, errors } from 'jose'
import type { Authority, TokenVersion } from './authorities.ts'
import { issuerOf, keyIsFor } from './authorities.ts'
import type { FetchJson } from './fetchJson.ts'
import type { Claims } from './readClaims.ts'
import { guidOf, versionOf } from './readClaims.ts'
import { SigningKeys } from './signingKeys.ts'
import type { TokenReason } from './tokenReasons.ts'

export interface SignedClaimsOptions {
  readonly authority: Authority
  /** Ids of the tenants whose tokens are read, in lower case. */
  readonly tenants: ReadonlySet<string>
  readonly fetchJson: FetchJson
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export type ReadSigned =
  | {
      readonly ok: true
      readonly claims: Claims
      readonly version: TokenVersion
      readonly tenant: string
      readonly issuer: string
    }
  | { readonly ok: false; readonly reason: TokenReason }

/** Octets of a token that are looked at: one with 200 groups has some 11,000. */
export const mostTokenOctets = 32_768

/**
 * Reads the claims of tokens that a tenant of the list has signed, whatever they are for. Nothing that a token says chooses
 * where keys come from or how they are used, except among these tenants; another one is denied before anything is fetched.
 */
export class SignedClaims {
  readonly #options: SignedClaimsOptions
  readonly #keys = new Map<string, SigningKeys>()

  constructor(options: SignedClaimsOptions) {
    this.#options = options
  }

  /** Never rejects, whatever the token. */
  async read(token: string): Promise<ReadSigned> {
    const parts = parse(token)
    if (parts === undefined) return no('not-a-jwt')
    const { header, claims } = parts
    if (header.crit !== undefined) return no('critical-header')
    if (header.alg !== 'RS256') return no('algorithm-not-allowed')
    // Graph's own tokens are signed over a hash of this member: nobody else can verify them.
    if (header['nonce'] !== undefined) return no('token-of-graph')
    const version = versionOf(claims)
    if (version === undefined) return no('version-unknown')
    const tenant = guidOf(claims, 'tid')
    if (tenant === undefined) return no('identity-missing')
    if (!this.#options.tenants.has(tenant)) return no('tenant-not-allowed')
    const issuer = issuerOf(tenant, version, this.#options.authority)
    if (claims['iss'] !== issuer) return no('issuer-mismatch')
    if (typeof header.kid !== 'string' || header.kid === '') return no('key-unknown')
    const found = await this.#keysOf(tenant, version).find(header.kid)
    if (found === 'unknown') return no('key-unknown')
    if (found === 'unreachable') return no('keys-unreachable')
    if (!keyIsFor(found.issuer, issuer, tenant)) return no('key-of-other-issuer')
    try {
      await compactVerify(token, found.key, { algorithms: ['RS256'] })
    } catch (error) {
      return no(error instanceof errors.JWSInvalid ? 'not-a-jwt' : 'signature-invalid')
    }
    return { ok: true, claims, version, tenant, issuer }
  }

  #keysOf(tenant: string, version: TokenVersion): SigningKeys {
    const place = `${tenant} ${version}`
    const known = this.#keys.get(place)
    if (known !== undefined) return known
    const { authority, fetchJson, now } = this.#options
    const made = new SigningKeys({ tenant, version, authority, fetchJson, now })
    this.#keys.set(place, made)
    return made
  }
}

/**
 * Three parts in the alphabet of base64url (RFC 7515 §7.1), the last of them in its one form: readers that pass over spaces,
 * padding or spare bits take many texts for one token, and each would be remembered.
 */
export function isCompact(token: string): boolean {
  const signature = /^[\w-]+\.[\w-]+\.([\w-]*)$/.exec(token)?.[1]
  if (signature === undefined || signature.length % 4 === 1) return false
  const spare = { 0: 0, 2: 4, 3: 2 }[signature.length % 4] ?? 0
  const last = alphabet.indexOf(signature.at(-1) ?? '')
  return last % 2 ** spare === 0
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const no = (reason: TokenReason): ReadSigned => ({ ok: false, reason })

function parse(
  token: string,
): { readonly header: ReturnType<typeof decodeProtectedHeader>; readonly claims: Claims } | undefined {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) }
  } catch {
    return undefined
  }
}
