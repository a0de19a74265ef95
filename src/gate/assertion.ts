import type { JSONWebKeySet, JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { BoundedMap } from '../net/boundedMap.ts'
import type { Clock } from '../net/clock.ts'
import type { Caller } from './exchange.ts'

export interface AssertionOptions {
  /** `iss`: the gate's configured origin. */
  readonly origin: string
  readonly clock: Clock
  /** Hours after which another key signs, 1 to 720; default 24. */
  readonly rotateHours?: number
  /** A private key of P-256 that signs first, as a JWK; absent: one is made. */
  readonly firstKey?: JWK
}

/** Says to backends who asks, so that they need not believe a header that anybody on their network could send. */
export interface Assertions {
  /**
   * A JWT (ES256) that is good for 30 to 60 seconds: `iss` the gate's origin, `aud` the URLs of the backend, `sub` tenant and
   * object id with a slash between them, `tid`, `oid`, `idtyp` (`user` or `app`), `azp`, `roles`, `acrs`, and `name` where it
   * is known.
   *
   * @returns undefined for nobody
   */
  assertionFor(caller: Caller, audience: readonly string[]): Promise<string | undefined>
  /** What is published at `/.postern/keys` (RFC 7517): the key that signs, the one that will, and two that did. */
  keys(): JSONWebKeySet
}

interface SigningKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly kid: string
}

const algorithm = 'ES256'
const lifetimeSeconds = 60
/** A kept assertion is handed out for this long, and is good for as long again. */
const slotMs = 30_000
const mostKept = 10_000
const mostPrevious = 2
const hourMs = 3_600_000

/**
 * Makes the key that signs, and the next one, which is published long before it does: an app that keeps the published keys
 * for hours knows it when it comes.
 *
 * @throws RangeError when `rotateHours` is out of its range
 */
export async function openAssertions(options: AssertionOptions): Promise<Assertions> {
  const { origin, clock, rotateHours = 24, firstKey } = options
  if (!(rotateHours >= 1 && rotateHours <= 720)) {
    throw new RangeError(`rotateHours must be 1 to 720, not ${rotateHours}`)
  }
  let current = firstKey === undefined ? await makeKey() : await readKey(firstKey)
  let next = await makeKey()
  let previous: readonly SigningKey[] = []
  let rotateAt = clock.monotonicMs() + rotateHours * hourMs
  let rotation: Promise<void> | undefined
  const kept = new BoundedMap<string, Promise<string>>(mostKept)

  const rotate = async (): Promise<void> => {
    const made = await makeKey()
    previous = [current, ...previous].slice(0, mostPrevious)
    current = next
    next = made
    rotateAt = clock.monotonicMs() + rotateHours * hourMs
  }
  const sign = async (caller: Exclude<Caller, { by: 'nobody' }>, audience: readonly string[]): Promise<string> => {
    if (clock.monotonicMs() >= rotateAt) {
      rotation ??= rotate().finally(() => {
        rotation = undefined
      })
      await rotation
    }
    const { privateKey, kid } = current
    const nowSeconds = Math.floor(clock.now() / 1000)
    return new SignJWT(claimsOf(caller))
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid })
      .setIssuer(origin)
      .setAudience(audience.length === 1 ? (audience[0] ?? '') : [...audience])
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + lifetimeSeconds)
      .sign(privateKey)
  }
  return {
    async assertionFor(caller, audience) {
      if (caller.by === 'nobody') return undefined
      // Whatever is said of the caller is part of the key: what changed is never said in the words of before.
      const slot = Math.floor(clock.monotonicMs() / slotMs)
      const key = JSON.stringify([slot, audience, claimsOf(caller), caller.by === 'session' ? caller.session : ''])
      return kept.take(key, () => sign(caller, audience))
    },
    keys: () => ({ keys: [current, next, ...previous].map(({ publicJwk }) => publicJwk) }),
  }
}

function claimsOf({ identity }: Exclude<Caller, { by: 'nobody' }>) {
  const { kind, tenantId, objectId, clientId, roles, authenticationContexts, displayName } = identity
  return {
    sub: `${tenantId}/${objectId}`,
    tid: tenantId,
    oid: objectId,
    idtyp: kind,
    azp: clientId,
    roles: [...roles],
    acrs: [...authenticationContexts],
    ...(displayName !== undefined && { name: displayName }),
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: false })
  return signingKey(privateKey, await exportJWK(publicKey))
}

/** @throws TypeError when it is no private key of P-256 */
async function readKey(jwk: JWK): Promise<SigningKey> {
  const { kty, crv, x, y, d } = jwk
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined || d === undefined) {
    throw new TypeError('the key that signs assertions must be a private key of P-256')
  }
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const privateKey = await crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, curve, false, ['sign'])
  return signingKey(privateKey, { kty, crv, x, y })
}

async function signingKey(privateKey: CryptoKey, jwk: JWK): Promise<SigningKey> {
  const kid = await calculateJwkThumbprint(jwk)
  return { privateKey, kid, publicJwk: { ...jwk, kid, use: 'sig', alg: algorithm } }
}
