import type { AppRegistration } from './apps.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Person } from './people.ts'

export interface TenantOptions {
  /** 0, the default, takes any that is free; otherwise 1024 to 65535. */
  readonly port?: number
  /** For the name `localhost`; default: one of a PKI of its own. */
  readonly certificate?: {
    readonly keyPem: string
    /** The leaf first. */
    readonly chainPem: string
    /** What clients have to trust. */
    readonly caPem: string
  }
  /** Tenant id, GUID in lower case; default: a fixed one, so that reports of two runs can be compared. */
  readonly tenantId?: string
  /** Default: {@link people}. */
  readonly people?: readonly Person[]
  /** Default: none but Microsoft Graph; more can be registered later. */
  readonly apps?: readonly AppRegistration[]
  /** Milliseconds since 1970, for the times in tokens; default: the machine's clock. */
  readonly now?: () => number
  /** Seconds that tokens last, 60 to 100,800; default 3,600. */
  readonly tokenSeconds?: number
  /** Groups or members on a page of Graph, 1 to 999; default 100. */
  readonly graphPage?: number
  /** Ends the tenant. */
  readonly signal?: AbortSignal
}

/** What was asked of the tenant, without secrets: of codes, tokens, secrets and assertions only that they were there. */
export interface TenantRequest {
  readonly at: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Of the query and the form; secrets as `(withheld)`. */
  readonly parameters: Readonly<Record<string, string>>
  readonly userAgent: string | undefined
  /** Undefined until it is answered, and where it never was. */
  readonly status: number | undefined
}

/** What can change about a person while the tenant runs. */
export interface PersonChange {
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  readonly isBlocked?: boolean
  readonly hasSecondFactor?: boolean
  readonly profile?: Readonly<Record<string, string>>
  /** Ends all sign-ins and refresh tokens of the person, as an administrator does with "revoke sessions". */
  readonly revoked?: true
}

/** A token that is issued without a sign-in, for curl and for tests of APIs. */
export interface AccessTokenRequest {
  /** Object id of the person; absent: the client for itself, app-only. */
  readonly person?: string
  /** Client id of the app that the token is issued to. */
  readonly client: string
  /** Client id of the API. */
  readonly api: string
  /** Default: all that the API offers. */
  readonly scopes?: readonly string[]
  /** Authentication contexts that the sign-in satisfied; default: none. */
  readonly contexts?: readonly string[]
  /** Whether the client says that it understands claims challenges; default: no. */
  readonly takesClaimsChallenges?: boolean
  /** Claims to add or, where undefined, to leave out. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The built-in tenant while it runs. */
export interface Tenant extends AsyncDisposable {
  /** `https://localhost:PORT`; sign-in, keys and Graph are all there. */
  readonly origin: string
  readonly port: number
  /** Tenant id. */
  readonly id: string
  /** Of v2.0 tokens: `https://localhost:PORT/{id}/v2.0`. */
  readonly issuer: string
  /** Of v1.0 tokens: `https://localhost:PORT/{id}/`. */
  readonly v1Issuer: string
  /** PEM of the root that clients have to trust. */
  readonly caPem: string
  /** As they are now. */
  readonly people: readonly Person[]
  readonly apps: readonly AppRegistration[]
  /** The last thousand requests, the oldest first. */
  readonly requests: readonly TenantRequest[]
  forgetRequests(): void
  /** Adds an app, or replaces the one of the same client id. */
  register(app: AppRegistration): void
  /** @throws RangeError for an object id that nobody has */
  change(person: string, change: PersonChange): void
  /** Misbehaves so from now on, in the place of what it did before. */
  misbehave(how: Misbehaviour): Promise<void>
  /** Behaves again; a key that was rotated to stays the one that signs, and is published. */
  behave(): Promise<void>
  /** @throws RangeError for people, clients and APIs that are not there */
  accessToken(request: AccessTokenRequest): Promise<string>
  /** Ends at once; open connections are cut. Safe to call more than once. */
  close(): Promise<void>
}
