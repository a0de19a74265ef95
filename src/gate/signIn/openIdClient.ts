import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { ClientAuth, CustomFetchOptions } from 'openid-client'
import * as openId from 'openid-client'
import type { Authority } from '../../identity/index.ts'
import { membersOf } from '../../model/membersOf.ts'
import type { BoundedFetch } from '../../net/boundedFetch.ts'

/** What the gate proves itself with, at the time. */
export type ClientProof =
  | { readonly kind: 'secret'; readonly secret: string }
  /** PEM texts. */
  | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }
  /** A token of another issuer. */
  | { readonly kind: 'assertion'; readonly assertion: string }

/** Fetches it anew, or says in words why there is none. */
export type ReadProof = () => Promise<{ readonly ok: ClientProof } | { readonly why: string }>

export interface OpenIdClientOptions {
  readonly authority: Authority
  /** Ids of the tenants whose people may come, in lower case; one or more. */
  readonly tenants: readonly string[]
  readonly client: string
  readonly redirectUri: string
  readonly proof: ReadProof
  readonly fetch: BoundedFetch['fetch']
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** What the token endpoint gave; the ID token has not been looked at. */
export interface Granted {
  readonly idToken: string
  readonly refreshToken?: string
}

/** Why it gave nothing. Words of a closed list and numbers: nothing of what it sent is in here. */
export type GrantFailure =
  /** The person may not come, or has to come again: `invalid_grant` and its like. */
  | { readonly kind: 'refused'; readonly error: string; readonly code?: string }
  /** The gate itself is not accepted. */
  | { readonly kind: 'misconfigured'; readonly error: string; readonly code?: string }
  /** No answer, or none that says anything; asked again not before so long. */
  | { readonly kind: 'unreachable'; readonly error: string; readonly retryAfterMs?: number }

export type Grant<T> =
  | { readonly ok: true; readonly granted: T }
  | { readonly ok: false; readonly failure: GrantFailure }

/** Of OAuth 2.0 and OpenID Connect, and Entra's own; any other word is not repeated. */
export const entraErrors: Readonly<Record<string, GrantFailure['kind']>> = {
  invalid_grant: 'refused',
  interaction_required: 'refused',
  login_required: 'refused',
  consent_required: 'refused',
  access_denied: 'refused',
  invalid_client: 'misconfigured',
  unauthorized_client: 'misconfigured',
  invalid_request: 'misconfigured',
  invalid_scope: 'misconfigured',
  invalid_resource: 'misconfigured',
  unsupported_grant_type: 'misconfigured',
  temporarily_unavailable: 'unreachable',
  server_error: 'unreachable',
}

/** What the exchange over the wire came to, beside what the library says of it. */
interface Wire {
  status?: number
  retryAfter?: string
  idToken?: string
}

/** Seconds for which an assertion of the gate is good. */
const assertionSec = 300

/**
 * The gate as a client of Entra ID: authorization code with PKCE (RFC 7636), refresh and client credentials. Endpoints are
 * those that Entra ID documents and not those that a document names, so that nobody can send the gate's secret elsewhere.
 * The library builds and reads the protocol; ID tokens are kept from it, whose only reader is `IdTokenVerifier`.
 */
export class OpenIdClient {
  readonly #options: OpenIdClientOptions
  /** Where several tenants are listed, nobody knows from which one somebody comes before they have signed in. */
  readonly #segment: string

  constructor(options: OpenIdClientOptions) {
    this.#options = options
    const [only, ...others] = options.tenants
    if (only === undefined) throw new RangeError('tenants: one or more is needed')
    this.#segment = others.length === 0 ? only : 'organizations'
  }

  /** Where a browser is sent to sign in. */
  async authorizationUrl(asked: {
    readonly state: string
    readonly nonce: string
    readonly verifier: string
    readonly context?: string
    /** The person is asked which account, also where there is one. */
    readonly choosesAccount?: boolean
    /** A GUID by which the sign-in log of the tenant has the request. */
    readonly correlation?: string
  }): Promise<string> {
    const { state, nonce, verifier, context, choosesAccount = false, correlation } = asked
    const claims =
      context === undefined
        ? {}
        : { claims: JSON.stringify({ id_token: { acrs: { essential: true, value: context } } }) }
    return openId.buildAuthorizationUrl(this.#configuration(this.#segment, openId.None()), {
      redirect_uri: this.#options.redirectUri,
      response_type: 'code',
      response_mode: 'query',
      scope: 'openid profile offline_access',
      state,
      nonce,
      code_challenge: await openId.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...claims,
      ...(choosesAccount && { prompt: 'select_account' }),
      ...(correlation !== undefined && { 'client-request-id': correlation }),
    }).href
  }

  /** Redeems a code; state and issuer of the answer have been looked at. */
  redeem(code: string, verifier: string): Promise<Grant<Granted>> {
    const address = new URL(this.#options.redirectUri)
    address.searchParams.set('code', code)
    return this.#ask(this.#segment, (configuration) =>
      openId.authorizationCodeGrant(configuration, address, { pkceCodeVerifier: verifier }),
    )
  }

  /** @param tenant of the person */
  refresh(refreshToken: string, tenant: string): Promise<Grant<Granted>> {
    return this.#ask(tenant, (configuration) =>
      openId.refreshTokenGrant(configuration, refreshToken, { scope: 'openid profile offline_access' }),
    )
  }

  /** A token of the gate itself, for another service. */
  async appToken(tenant: string, scope: string): Promise<Grant<{ readonly token: string; readonly seconds: number }>> {
    const wire: Wire = {}
    const auth = await this.#auth(tenant)
    if ('why' in auth) return failed({ kind: 'misconfigured', error: 'no-credential' })
    try {
      const configuration = this.#configuration(tenant, auth.ok, wire)
      const { access_token: token, expires_in: seconds = 0 } = await openId.clientCredentialsGrant(configuration, {
        scope,
      })
      return { ok: true, granted: { token, seconds } }
    } catch (error) {
      return failed(failureOf(error, wire, this.#options.now()))
    }
  }

  /** Where a browser is sent to sign out, and comes back from. */
  signOutUrl(tenant: string, returnTo: string): string {
    return openId.buildEndSessionUrl(this.#configuration(tenant, openId.None()), {
      post_logout_redirect_uri: returnTo,
    }).href
  }

  async #ask(
    tenant: string,
    grant: (configuration: openId.Configuration) => Promise<openId.TokenEndpointResponse>,
  ): Promise<Grant<Granted>> {
    const wire: Wire = {}
    const auth = await this.#auth(tenant)
    if ('why' in auth) return failed({ kind: 'misconfigured', error: 'no-credential' })
    try {
      const { refresh_token: refreshToken } = await grant(this.#configuration(tenant, auth.ok, wire))
      if (wire.idToken === undefined) return failed({ kind: 'unreachable', error: 'no-id-token' })
      return {
        ok: true,
        granted: { idToken: wire.idToken, ...(refreshToken !== undefined && { refreshToken }) },
      }
    } catch (error) {
      return failed(failureOf(error, wire, this.#options.now()))
    }
  }

  #configuration(segment: string, auth: ClientAuth, wire: Wire = {}): openId.Configuration {
    const { authority, client } = this.#options
    const base = `https://${authority.host}/${segment}`
    const metadata = {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: this.#tokenEndpoint(segment),
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    }
    const configuration = new openId.Configuration(metadata, client, {}, auth)
    configuration[openId.customFetch] = (url, question) => this.#fetch(url, question, wire)
    return configuration
  }

  #tokenEndpoint(segment: string): string {
    return `https://${this.#options.authority.host}/${segment}/oauth2/v2.0/token`
  }

  async #fetch(url: string, { method, headers, body }: CustomFetchOptions, wire: Wire): Promise<Response> {
    const { fetch, signal } = this.#options
    const text = body === undefined || body === null ? null : String(body)
    const answer = await fetch(url, { method, headers, body: text, signal })
    wire.status = answer.status
    wire.retryAfter = answer.headers.get('retry-after') ?? ''
    if (answer.status !== 200) return answer
    const { id_token: idToken, ...rest } = membersOf(await answer.json())
    if (typeof idToken === 'string') wire.idToken = idToken
    return Response.json(rest)
  }

  async #auth(segment: string): Promise<{ readonly ok: ClientAuth } | { readonly why: string }> {
    const read = await this.#options.proof()
    if ('why' in read) return read
    switch (read.ok.kind) {
      case 'secret':
        return { ok: openId.ClientSecretPost(read.ok.secret) }
      case 'certificate':
        return await this.#byCertificate(read.ok, segment)
      case 'assertion': {
        const { assertion } = read.ok
        return {
          ok: (_server, client, body) => {
            body.set('client_id', client.client_id)
            body.set('client_assertion', assertion)
            body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
          },
        }
      }
      default:
        return read.ok satisfies never
    }
  }

  /**
   * `private_key_jwt` as Entra ID wants it: PS256, with the thumbprint of the certificate.
   * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
   */
  async #byCertificate(
    { certificate, key }: Extract<ClientProof, { kind: 'certificate' }>,
    segment: string,
  ): Promise<{ readonly ok: ClientAuth } | { readonly why: string }> {
    try {
      const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' })
      const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' }
      const imported = await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign'])
      const thumbprint = new X509Certificate(certificate).fingerprint256.replaceAll(':', '')
      const seconds = Math.floor(this.#options.now() / 1000)
      const auth = openId.PrivateKeyJwt(imported, {
        [openId.modifyAssertion]: (header, payload) => {
          header['x5t#S256'] = Buffer.from(thumbprint, 'hex').toString('base64url')
          payload['aud'] = this.#tokenEndpoint(segment)
          payload['iat'] = seconds
          payload['nbf'] = seconds
          payload['exp'] = seconds + assertionSec
        },
      })
      return { ok: auth }
    } catch {
      return { why: 'the certificate or its key cannot be used: both are PEM, and the key is RSA' }
    }
  }
}

const failed = (failure: GrantFailure): { readonly ok: false; readonly failure: GrantFailure } => ({
  ok: false,
  failure,
})

function failureOf(error: unknown, { status, retryAfter }: Wire, now: number): GrantFailure {
  if (status === undefined) return { kind: 'unreachable', error: 'no-answer' }
  const retryAfterMs = retryAfterOf(retryAfter, now)
  const later = retryAfterMs !== undefined && { retryAfterMs }
  if (status === 429 || status >= 500) return { kind: 'unreachable', error: `status-${status}`, ...later }
  if (!(error instanceof openId.ResponseBodyError)) return { kind: 'unreachable', error: 'not-understood', ...later }
  const kind = Object.hasOwn(entraErrors, error.error) ? entraErrors[error.error] : undefined
  if (kind === undefined) return { kind: 'unreachable', error: 'not-understood', ...later }
  const code = /AADSTS\d{4,9}/.exec(error.error_description ?? '')?.[0]
  return { kind, error: error.error, ...(code !== undefined && { code }) }
}

/** Seconds, or a date (RFC 9110 §10.2.3); an hour at most. */
function retryAfterOf(field: string | undefined, now: number): number | undefined {
  const written = field?.trim() ?? ''
  const ms = /^\d{1,6}$/.test(written) ? Number(written) * 1000 : Date.parse(written) - now
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), 3_600_000) : undefined
}
