import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { decodeProtectedHeader } from 'jose'
import type { AdapterPayload, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { CustomOIDCProviderError } from 'oidc-provider/lib/helpers/errors.js'
import { Provider } from 'oidc-provider/lib/provider.js'
import type { AppRegistration } from './apps.ts'
import { readAskedClaims } from './askedClaims.ts'
import { readScope } from './askedScope.ts'
import { assertionKey } from './clientProof.ts'
import type { Directory } from './directory.ts'
import { describe, numbered } from './entraErrors.ts'
import { errorPage, writePage } from './pages.ts'
import type { Place } from './place.ts'
import { issuerV2, paths } from './place.ts'
import { Records } from './records.ts'
import { passedClaims, passedScope, policyFor } from './signInPolicy.ts'

/** What a sign-in was asked for and how it went, kept as long as there is room. */
export interface GrantFacts {
  readonly person: string
  readonly scope: string
  readonly nonce: string | undefined
  readonly sid: string
  /** Seconds since 1970. */
  readonly authTime: number
  /** Contexts that were asked for. */
  readonly contexts: readonly string[]
  readonly capabilities: readonly string[]
  readonly factors: readonly string[]
  /** How often the person's sign-ins had been revoked by then. */
  readonly revocations: number
}

/** What stands beside a token request that the protocol library answers. */
export interface Beside {
  readonly proof: '0' | '1' | '2'
  /** As the client wrote it; the library is not shown it. */
  readonly scope: string | undefined
  readonly claims: string | undefined
}

export interface ProtocolOptions {
  readonly place: Place
  readonly directory: Directory
  /** The library signs with it what nobody gets to see. */
  readonly jwk: Readonly<Record<string, unknown>>
  readonly tokenSeconds: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Protocol {
  readonly provider: Provider
  /** By the grant's id in the library. */
  readonly grants: ReadonlyMap<string, GrantFacts>
  readonly beside: WeakMap<IncomingMessage, Beside>
  /** What the library takes for the secret of an app. */
  readonly secretOf: (app: AppRegistration) => string
}

const mostGrants = 10_000
const refreshSeconds = 90 * 86_400

/** The library at Entra's paths: it keeps each endpoint under a short name. */
class EntraProvider extends Provider {
  override pathFor(name: string, options: { readonly uid?: unknown } = {}): string {
    const base = new URL(this.issuer).pathname.replace(/\/v2\.0$/, '')
    switch (name) {
      case 'authorization':
        return base + paths.authorize
      case 'resume':
        return `${base}${paths.authorize}/${String(options.uid)}`
      case 'token':
        return base + paths.token
      default:
        return `${base}/${name}`
    }
  }
}

/**
 * The protocol of OAuth 2.0 and OpenID Connect, by a certified library. It knows codes, PKCE, redirect URIs, client
 * authentication, sessions and refresh tokens; scopes, claims and tokens are Entra's own and not its business.
 */
export function openProtocol(options: ProtocolOptions): Protocol {
  const { place, directory } = options
  const records = new Records()
  const grants = new Map<string, GrantFacts>()
  // An app without a secret has one that nobody is told, for those who prove themselves in another way.
  const unspoken = randomBytes(32).toString('base64url')
  const secretOf = (app: AppRegistration) => app.credentials.secret ?? unspoken

  const provider = new EntraProvider(issuerV2(place), {
    ...fixed(options),
    adapter: (kind) => records.adapter(kind, async (id) => clientOf(directory.app(id), secretOf)),
    findAccount: (_ctx, sub, token) => {
      const grant = token !== undefined && 'grantId' in token ? grants.get(String(token.grantId)) : undefined
      if (grant !== undefined) refuseLost(directory, grant)
      return directory.person(sub) && { accountId: sub, claims: () => ({ sub }) }
    },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        ...(ctx.oidc.account && { accountId: ctx.oidc.account.accountId }),
        ...(ctx.oidc.client && { clientId: ctx.oidc.client.clientId }),
      })
      grant.addOIDCScope('openid')
      const id = await grant.save()
      grants.set(id, factsOf(ctx, directory))
      if (grants.size > mostGrants) grants.delete(grants.keys().next().value ?? '')
      return grant
    },
    issueRefreshToken: (_ctx, client, source) => {
      const { scope = '' } = grants.get(source.grantId ?? '') ?? {}
      return client.grantTypeAllowed('refresh_token') && scope.split(' ').includes('offline_access')
    },
    extraParams: {
      // By it the sign-in log has the request.
      'client-request-id': () => {},
      [passedScope]: (_ctx, text = '') => {
        const asked = readScope(text, directory)
        if ('code' in asked) throw new CustomOIDCProviderError(asked.error, `AADSTS${asked.code}: ${asked.says}`)
      },
      [passedClaims]: (_ctx, text) => {
        if (readAskedClaims(text) !== undefined) return
        throw new CustomOIDCProviderError('invalid_request', 'AADSTS50146: The claims parameter is no JSON object.')
      },
    },
    // With the redirect URI unknown or wrong there is nowhere to send an answer to.
    renderError: (ctx, out, error) => {
      const detail = 'error_detail' in error ? String(error.error_detail) : ''
      const told = numbered(out.error, `${out.error_description ?? ''} ${detail}`.trim(), ctx.status)
      const { status, headers, text } = writePage(errorPage(ctx.status, describe(told, options.now())))
      ctx.status = status
      ctx.set({ ...headers })
      ctx.body = text
    },
    interactions: { policy: policyFor(directory), url: (_ctx, { uid }) => `/${place.tenantId}${paths.signIn}${uid}` },
  })
  // What went wrong stands in the answer; the framework would write it to standard error too.
  provider.silent = true
  return { provider, grants, beside: new WeakMap(), secretOf }
}

function fixed({ place, jwk, tokenSeconds }: ProtocolOptions): Configuration {
  const cookies = { httpOnly: true, sameSite: 'lax', secure: true, signed: true } as const
  return {
    jwks: { keys: [jwk] },
    routes: { authorization: '/authorize', token: '/token' },
    scopes: ['openid'],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    conformIdTokenClaims: false,
    clientBasedCORS: () => false,
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: { session: 'tenant_session', interaction: 'tenant_sign_in', resume: 'tenant_resume' },
      // Cookies do not separate ports: below the tenant's path the gate is not sent them.
      long: { ...cookies, path: `/${place.tenantId}` },
      short: cookies,
    },
    ttl: {
      AccessToken: tokenSeconds,
      ClientCredentials: tokenSeconds,
      AuthorizationCode: 600,
      IdToken: tokenSeconds,
      RefreshToken: refreshSeconds,
      Grant: refreshSeconds,
      Interaction: 3600,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      claimsParameter: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
    },
  }
}

/** An app as the library knows one. Which proof it goes by is chosen by what was sent: Entra takes any that is registered. */
async function clientOf(
  app: AppRegistration | undefined,
  secretOf: (app: AppRegistration) => string,
): Promise<AdapterPayload | undefined> {
  if (app === undefined) return undefined
  const { secret, certificatePem, federated } = app.credentials
  const assertion: unknown = Provider.ctx?.oidc.params?.['client_assertion']
  const byCertificate = certificatePem !== undefined && typeof assertion === 'string'
  const isPublic = secret === undefined && certificatePem === undefined && federated === undefined
  const signsIn = app.redirectUris.length > 0
  return {
    client_id: app.clientId,
    client_name: app.name,
    redirect_uris: [...app.redirectUris],
    response_types: signsIn ? ['code'] : [],
    grant_types: [
      ...(signsIn ? (['authorization_code', 'refresh_token'] as const) : []),
      ...(isPublic ? [] : (['client_credentials'] as const)),
    ],
    token_endpoint_auth_method: byCertificate ? 'private_key_jwt' : isPublic ? 'none' : 'client_secret_post',
    ...(byCertificate && {
      jwks: { keys: [await assertionKey(certificatePem, decodeProtectedHeader(assertion).kid)] },
    }),
    ...(!byCertificate && !isPublic && { client_secret: secretOf(app) }),
  }
}

/** Whoever was blocked or revoked since gets nothing more. */
function refuseLost(directory: Directory, { person, revocations }: GrantFacts): void {
  const now = directory.person(person)
  if (now?.isBlocked === true) {
    throw new CustomOIDCProviderError('invalid_grant', 'AADSTS50057: The user account is disabled.')
  }
  if (directory.revocations(person) !== revocations) {
    const says = 'AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.'
    throw new CustomOIDCProviderError('invalid_grant', says)
  }
}

function factsOf({ oidc }: KoaContextWithOIDC, directory: Directory): GrantFacts {
  const { session, params = {} } = oidc
  const person = session?.accountId ?? ''
  const text = (name: string) => {
    const value: unknown = params[name]
    return typeof value === 'string' ? value : undefined
  }
  const asked = readAskedClaims(text(passedClaims))
  const factors = session?.amr ?? []
  return {
    person,
    scope: text(passedScope) ?? '',
    nonce: text('nonce'),
    sid: sessionIdOf(session?.uid ?? '', person),
    authTime: session?.loginTs ?? 0,
    contexts: asked?.contexts ?? [],
    capabilities: asked?.capabilities ?? [],
    factors,
    revocations: directory.revocations(person),
  }
}

/** The `sid` of tokens: one for a person's session at the tenant, in the form of a GUID. */
export function sessionIdOf(uid: string, person: string): string {
  const hex = createHash('sha256').update(`${uid} ${person}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
