import { createHash, createHmac, createPublicKey, randomBytes, randomUUID, webcrypto } from 'node:crypto'
import type { NamedKey } from './keys.ts'
import { otherTenant } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Place } from './place.ts'

export type Claims = Readonly<Record<string, unknown>>

/** What tokens are made with. */
export interface TokenMaker {
  readonly place: Place
  /** The key that signs now. */
  readonly key: NamedKey
  /** Seconds since 1970. */
  readonly nowSec: number
  readonly lifetimeSec: number
  readonly how: Misbehaviour
}

/** Who looks at a token: the app that somebody signed in to, an API, or Graph, whose tokens are its own business. */
export type TokenUse = 'id' | 'access' | 'graph'

const rsa = 'RSASSA-PKCS1-v1_5'

/** Signs a token as a JWT (RFC 7519), or does it wrong. */
export async function signToken(maker: TokenMaker, claims: Claims, use: TokenUse): Promise<string> {
  const { key, how } = maker
  const usual = { typ: 'JWT', alg: 'RS256', x5t: key.kid, kid: key.kid }
  if (use === 'graph') return await signForGraph(key, usual, claims)
  const told = { ...misled(claims, maker), ...(use === 'id' ? how.idTokenClaims : how.accessTokenClaims) }
  const header = { ...usual, ...how.tokenHeader }
  switch (how.tokens) {
    case 'alg-none':
      return `${encoded({ typ: 'JWT', alg: 'none' })}.${encoded(told)}.`
    case 'alg-hs256':
      return signedByPublicKey(key, told)
    case 'embedded-key':
      return await signedByAnother(header, told)
    case 'bad-signature':
      return spoilt(await signed(key.privateKey, header, told))
    case 'no-kid':
      return await signed(key.privateKey, { typ: 'JWT', alg: 'RS256' }, told)
    default:
      return await signed(key.privateKey, header, told)
  }
}

async function signed(key: CryptoKey, header: Claims, claims: Claims): Promise<string> {
  const input = `${encoded(header)}.${encoded(claims)}`
  const signature = await crypto.subtle.sign(rsa, key, new TextEncoder().encode(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/** For who takes the key that was published for a secret of HMAC. */
function signedByPublicKey(key: NamedKey, claims: Claims): string {
  const input = `${encoded({ typ: 'JWT', alg: 'HS256', kid: key.kid })}.${encoded(claims)}`
  const jwk = { kty: 'RSA', n: key.modulus, e: key.exponent }
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
}

/** For who takes the key that a token brings along. */
async function signedByAnother(header: Claims, claims: Claims): Promise<string> {
  const algorithm = { name: rsa, hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const jwk = await webcrypto.subtle.exportKey('jwk', publicKey)
  return await signed(privateKey, { ...header, jwk }, claims)
}

/** Signed over the hash of a header member that is then replaced: only Graph can verify its tokens. */
async function signForGraph(key: NamedKey, header: Claims, claims: Claims): Promise<string> {
  const nonce = randomUUID()
  const [, payload, signature] = (await signed(key.privateKey, { ...header, nonce: hashedNonce(nonce) }, claims)).split(
    '.',
  )
  return `${encoded({ ...header, nonce })}.${payload}.${signature}`
}

export const hashedNonce = (nonce: string): string => createHash('sha256').update(nonce).digest('base64url')

const encoded = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Of the same length and alphabet; the first letter, whose bits all count. */
function spoilt(token: string): string {
  const at = token.lastIndexOf('.') + 1
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

function misled(claims: Claims, { how: { tokens }, nowSec, place }: TokenMaker): Claims {
  const { nonce, ...others } = claims
  switch (tokens) {
    case 'wrong-issuer':
      return { ...claims, iss: String(claims['iss']).replace(place.tenantId, otherTenant) }
    case 'another-tenant':
      return { ...claims, iss: String(claims['iss']).replace(place.tenantId, otherTenant), tid: otherTenant }
    case 'wrong-audience':
      return { ...claims, aud: otherTenant }
    case 'expired':
      return { ...claims, iat: nowSec - 7200, nbf: nowSec - 7200, exp: nowSec - 3600 }
    case 'not-yet-valid':
      return { ...claims, iat: nowSec + 3600, nbf: nowSec + 3600, exp: nowSec + 7200 }
    case 'no-nonce':
      return others
    case 'wrong-nonce':
      return nonce === undefined ? claims : { ...claims, nonce: randomBytes(16).toString('base64url') }
    case 'alg-none':
    case 'alg-hs256':
    case 'bad-signature':
    case 'no-kid':
    case 'embedded-key':
    case undefined:
      return claims
    default:
      return tokens satisfies never
  }
}
