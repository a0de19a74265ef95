import type { CryptoKey, JWK } from 'jose'
import { importJWK } from 'jose'
import { membersOf } from '../model/membersOf.ts'
import type { Authority, TokenVersion } from './authorities.ts'
import { configurationUrl, issuerOf } from './authorities.ts'
import type { FetchJson } from './fetchJson.ts'

/** A public key of a tenant, ready to verify with. */
export interface SigningKey {
  readonly key: CryptoKey
  /** The issuer that it may sign for, where it names one; with `{tenantid}` for all tenants. */
  readonly issuer: string | undefined
}

export interface SigningKeysOptions {
  /** Tenant id in lower case. */
  readonly tenant: string
  readonly version: TokenVersion
  readonly authority: Authority
  readonly fetchJson: FetchJson
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A key is kept for so long after it was last published, also while nothing can be fetched. In milliseconds. */
export const keyLifetimeMs = 24 * 3_600_000
/** So long after the last fetch the next one is begun beside a verification that does not wait for it. In milliseconds. */
export const refreshAfterMs = 3_600_000
/** An unknown key id is no reason to fetch again before so long, whoever makes ids up. In milliseconds. */
export const fetchAgainAfterMs = 300_000
/** The same after a fetch that failed: without keys nobody gets in. In milliseconds. */
export const retryAfterMs = 15_000
/** Keys of one tenant that are kept. Entra publishes about ten. */
export const mostKeys = 1000
/** RSA moduli below this are not used, in bits (NIST SP 800-131A). */
const leastModulusBits = 2048

interface Kept extends SigningKey {
  readonly lastPublished: number
}

/**
 * The signing keys of one tenant for tokens of one version. What is published is merged into what is known and never
 * replaces it: during a rollover Entra's servers are known to publish different sets.
 * https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export class SigningKeys {
  readonly #options: SigningKeysOptions
  readonly #keys = new Map<string, Kept>()
  #fetching: Promise<boolean> | undefined
  #last: { readonly at: number; readonly worked: boolean } | undefined

  constructor(options: SigningKeysOptions) {
    this.#options = options
  }

  /** Ids of the keys that are known, for those who look after them. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()]
  }

  /** The key of an id; fetched when it is unknown, as often as that is allowed. Never rejects. */
  async find(id: string): Promise<SigningKey | 'unknown' | 'unreachable'> {
    const known = this.#known(id)
    if (known !== undefined) {
      if (this.#isDue(refreshAfterMs)) void this.#fetch()
      return known
    }
    if (this.#fetching !== undefined || this.#isDue(fetchAgainAfterMs)) await this.#fetch()
    return this.#known(id) ?? (this.#last?.worked === true ? 'unknown' : 'unreachable')
  }

  #known(id: string): Kept | undefined {
    const kept = this.#keys.get(id)
    return kept !== undefined && this.#options.now() - kept.lastPublished < keyLifetimeMs ? kept : undefined
  }

  /** A clock that was set back must not keep anybody from fetching. */
  #isDue(afterMs: number): boolean {
    if (this.#last === undefined) return true
    const since = this.#options.now() - this.#last.at
    return since < 0 || since >= (this.#last.worked ? afterMs : Math.min(afterMs, retryAfterMs))
  }

  /** One at a time, for all who wait. */
  #fetch(): Promise<boolean> {
    this.#fetching ??= this.#load()
      .catch(() => false)
      .then((worked) => {
        this.#last = { at: this.#options.now(), worked }
        this.#fetching = undefined
        return worked
      })
    return this.#fetching
  }

  async #load(): Promise<boolean> {
    const { tenant, version, authority, fetchJson, now } = this.#options
    const configuration = membersOf(await fetchJson(configurationUrl(tenant, version, authority)))
    if (configuration['issuer'] !== issuerOf(tenant, version, authority)) return false
    const place = configuration['jwks_uri']
    if (typeof place !== 'string' || !isOfHost(place, authority.host)) return false
    const published = membersOf(await fetchJson(place))['keys']
    if (!Array.isArray(published)) return false
    const at = now()
    const read = await Promise.all(published.slice(0, mostKeys).map(readKey))
    for (const one of read) {
      if (one === undefined) continue
      // Told again last: what was published longest ago is the first to go.
      this.#keys.delete(one.id)
      this.#keys.set(one.id, { key: one.key, issuer: one.issuer, lastPublished: at })
    }
    for (const [id, kept] of this.#keys) {
      if (this.#keys.size > mostKeys || at - kept.lastPublished >= keyLifetimeMs) this.#keys.delete(id)
      // The clock was ahead then, and is set back: its day begins now, or it would last until that time and a day more.
      else if (kept.lastPublished > at) this.#keys.set(id, { ...kept, lastPublished: at })
    }
    return read.some((one) => one !== undefined)
  }
}

/** Keys are fetched from the authority itself, whatever a configuration says. */
function isOfHost(url: string, host: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host: told, username, password } = new URL(url)
  return protocol === 'https:' && told === host && username + password === ''
}

/** @returns undefined for what is no RSA key to verify signatures with */
async function readKey(value: unknown): Promise<(SigningKey & { readonly id: string }) | undefined> {
  const { kid, kty, use, n, e, issuer } = membersOf(value)
  if (typeof kid !== 'string' || kid === '' || kty !== 'RSA' || (use !== undefined && use !== 'sig')) return undefined
  if (!isBase64Url(n) || !isBase64Url(e)) return undefined
  // Nothing else of what was published reaches the import: no private member, no algorithm of its own.
  const jwk: JWK = { kty, n, e, alg: 'RS256', use: 'sig' }
  try {
    const key = await importJWK(jwk, 'RS256')
    if (key instanceof Uint8Array || modulusBits(key) < leastModulusBits) return undefined
    return { id: kid, key, issuer: typeof issuer === 'string' ? issuer : undefined }
  } catch {
    return undefined
  }
}

function isBase64Url(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]+$/.test(text)
}

function modulusBits({ algorithm }: CryptoKey): number {
  return 'modulusLength' in algorithm && typeof algorithm.modulusLength === 'number' ? algorithm.modulusLength : 0
}
