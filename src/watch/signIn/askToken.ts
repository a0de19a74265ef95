import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { SignJWT } from 'jose'
import { membersOf } from '../../model/membersOf.ts'
import type { AppProof, SignInMeans, SignInOutcome } from './signInKind.ts'
import type { Steps } from './steps.ts'
import { jsonOf } from './steps.ts'
import { entraTold, toldOf } from './toldFailures.ts'

/** What the token endpoint gave. */
export interface Tokens {
  readonly ok: true
  readonly accessToken: string
  readonly idToken?: string
  readonly expiresIn: unknown
}

type Ended = { readonly ok: false; readonly outcome: Exclude<SignInOutcome, { kind: 'well' }> }

/** Seconds for which an assertion is good. */
const assertionSec = 300
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Of OAuth 2.0, OpenID Connect and Entra ID; any other word is not repeated. */
const errorWords: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_resource',
  'unauthorized_client',
  'unsupported_grant_type',
  'access_denied',
  'consent_required',
  'interaction_required',
  'login_required',
  'temporarily_unavailable',
  'server_error',
])

/** Endpoints are those that Entra ID documents, and not those that a document names: nobody sends a secret elsewhere. */
export const endpointOf = (
  { authority }: Pick<SignInMeans, 'authority'>,
  tenant: string,
  name: 'authorize' | 'token',
): string => `https://${authority.host}/${tenant}/oauth2/v2.0/${name}`

/** Asks for tokens, with what the app proves itself with. */
export async function askToken(
  steps: Steps,
  means: SignInMeans,
  asked: {
    readonly tenant: string
    readonly client: string
    readonly proof?: AppProof
    readonly form: Readonly<Record<string, string>>
  },
): Promise<Tokens | Ended> {
  const url = endpointOf(means, asked.tenant, 'token')
  const form = new URLSearchParams({ client_id: asked.client, ...asked.form })
  if (asked.proof?.kind === 'secret') form.set('client_secret', asked.proof.secret)
  if (asked.proof?.kind === 'certificate') {
    const assertion = await assertionOf(asked.proof, { client: asked.client, url }, means)
    if (assertion === undefined) {
      const says =
        'the certificate of the app or its key cannot be used: both are PEM, the key is RSA and that of the certificate'
      return failed(toldOf('tool-limit', says, { owner: 'app', verdict: 'wrong', confidence: 'certain' }))
    }
    form.set('client_assertion_type', assertionType)
    form.set('client_assertion', assertion)
  }
  const correlation = uuidOf(means.net.random(16))
  const headers = { 'client-request-id': correlation, 'return-client-request-id': 'true' }
  const answer = await steps.ask({ url, what: 'the token endpoint', measure: 'token-ms', form, headers })
  if (!answer.ok) return answer
  const told = membersOf(jsonOf(answer))
  if (answer.status !== 200) {
    const { code, error } = readError(told)
    return failed(entraTold('the sign-in', { correlation, ...(code && { code }), ...(error && { error }) }))
  }
  const { access_token: accessToken, id_token: idToken, expires_in: expiresIn } = told
  if (typeof accessToken !== 'string') {
    return failed(
      toldOf('undetermined', 'the token endpoint gives an answer without a token', {
        owner: 'cloud',
        verdict: 'wrong',
      }),
    )
  }
  return { ok: true, accessToken, expiresIn, ...(typeof idToken === 'string' && { idToken }) }
}

/** The number of an error of Entra ID and the word of OAuth, of which nothing else is taken. */
export function readError(told: Readonly<Record<string, unknown>>): {
  readonly code?: string
  readonly error?: string
} {
  const { error, error_description: description } = told
  const code = typeof description === 'string' ? /AADSTS(\d{4,9})\b/.exec(description)?.[1] : undefined
  const word = typeof error === 'string' && errorWords.has(error) ? error : undefined
  return { ...(code !== undefined && { code }), ...(word !== undefined && { error: word }) }
}

const failed = (told: ReturnType<typeof toldOf>): Ended => ({ ok: false, outcome: { kind: 'failed', told } })

/**
 * `private_key_jwt` (RFC 7523) as Entra ID wants it: PS256, with the thumbprint of the certificate.
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
async function assertionOf(
  { certificate, key }: Extract<AppProof, { kind: 'certificate' }>,
  { client, url }: { readonly client: string; readonly url: string },
  { net }: SignInMeans,
): Promise<string | undefined> {
  try {
    const privateKey = createPrivateKey(key)
    const shown = new X509Certificate(certificate)
    if (privateKey.asymmetricKeyType !== 'rsa' || !shown.checkPrivateKey(privateKey)) return undefined
    const seconds = Math.floor(net.now() / 1000)
    return await new SignJWT({})
      .setProtectedHeader({
        alg: 'PS256',
        typ: 'JWT',
        'x5t#S256': createHash('sha256').update(shown.raw).digest('base64url'),
      })
      .setIssuer(client)
      .setSubject(client)
      .setAudience(url)
      .setJti(uuidOf(net.random(16)))
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + assertionSec)
      .sign(privateKey)
  } catch {
    return undefined
  }
}

/** A version 4 UUID of so many random octets (RFC 9562 §5.4). */
export function uuidOf(random: Uint8Array): string {
  const octets = Uint8Array.from(random.subarray(0, 16))
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(octets).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
