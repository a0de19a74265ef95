import { createHash } from 'node:crypto'
import { makeSigningKey, type SigningKey } from '../servers/signingKey.ts'
import type { Misbehaviour } from './misbehaviour.ts'

/** A key as the tenant signs with it. */
export interface NamedKey extends SigningKey {
  readonly kid: string
}

/** The keys of the tenant: one that signs, and the one that did before. */
export class TenantKeys {
  readonly #now: () => number
  #current: NamedKey
  #former: NamedKey | undefined
  #fetches = 0

  private constructor(first: NamedKey, now: () => number) {
    this.#current = first
    this.#now = now
  }

  static async open(now: () => number): Promise<TenantKeys> {
    return new TenantKeys(await newKey(now), now)
  }

  get signing(): NamedKey {
    return this.#current
  }

  /** All that the tenant knows of, whether it publishes them or not. */
  get all(): readonly NamedKey[] {
    return this.#former === undefined ? [this.#current] : [this.#current, this.#former]
  }

  async rotate(): Promise<void> {
    const next = await newKey(this.#now)
    this.#former = this.#current
    this.#current = next
    this.#fetches = 0
  }

  /**
   * What is published (RFC 7517 §5), with the members that Entra adds.
   *
   * @param issuer that the keys are for
   */
  published(
    issuer: string,
    how: Misbehaviour['keys'],
  ): { readonly keys: readonly Readonly<Record<string, unknown>>[] } {
    this.#fetches += 1
    const wrong = issuer.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{tenantid\}/, otherTenant)
    return { keys: this.#shown(how).map((key) => jwkOf(key, how === 'of-another-issuer' ? wrong : issuer)) }
  }

  #shown(how: Misbehaviour['keys']): readonly NamedKey[] {
    const former = this.#former === undefined ? [] : [this.#former]
    switch (how) {
      case 'rotated':
        return [this.#current]
      case 'unpublished':
        return former
      case 'half':
        return this.#fetches % 2 === 1 ? former : [this.#current]
      case 'rolling':
      case 'of-another-issuer':
      case undefined:
        return [this.#current, ...former]
      default:
        return how satisfies never
    }
  }
}

/** A tenant that is never this one. */
export const otherTenant = 'ffffffff-0000-4000-8000-00000000000f'

async function newKey(now: () => number): Promise<NamedKey> {
  const key = await makeSigningKey(now())
  return { ...key, kid: createHash('sha1').update(key.certificateDer).digest('base64url') }
}

const jwkOf = (key: NamedKey, issuer: string) => ({
  kty: 'RSA',
  use: 'sig',
  kid: key.kid,
  x5t: key.kid,
  n: key.modulus,
  e: key.exponent,
  x5c: [Buffer.from(key.certificateDer).toString('base64')],
  cloud_instance_name: 'microsoftonline.com',
  issuer,
})
