import type { JWK } from 'jose'

/** How an app proves that it is itself. One or more. */
export interface AppCredentials {
  readonly secret?: string
  /** PEM of the certificate whose key signs client assertions (`private_key_jwt`, RFC 7523). */
  readonly certificatePem?: string
  /** A token of this issuer and subject stands for the app; its audience is `api://AzureADTokenExchange`. */
  readonly federated?: { readonly issuer: string; readonly subject: string; readonly keys: readonly JWK[] }
}

/** What an app offers as an API. */
export interface PlayedApi {
  /** App ID URIs, such as `api://…`. */
  readonly identifierUris: readonly string[]
  /** `accessTokenAcceptedVersion` of the registration: which tokens it gets, whoever asks. */
  readonly tokenVersion: 1 | 2
  /** Delegated scopes, without the App ID URI. */
  readonly scopes: readonly string[]
}

/** An app registration with its service principal. */
export interface AppRegistration {
  /** Application (client) id, GUID in lower case. */
  readonly clientId: string
  /** Object id of its service principal, GUID in lower case. */
  readonly servicePrincipalId: string
  readonly name: string
  /** Compared letter by letter, the port included, which Entra ID passes over where the host is localhost. */
  readonly redirectUris: readonly string[]
  /** Shown in a frame when somebody signs out, with `iss` and `sid`. */
  readonly frontChannelSignOut?: string
  /** None: a public client. */
  readonly credentials: AppCredentials
  readonly api?: PlayedApi
  /** App roles that the app itself has at an API, by the client id of the API: for client credentials. */
  readonly appRoles: Readonly<Record<string, readonly string[]>>
  /** Ids of groups that the app itself is in; default: none. More than 200 are left out of tokens. */
  readonly groups?: readonly string[]
}

/** Microsoft Graph, in every tenant. */
export const graphAppId = '00000003-0000-0000-c000-000000000000'

const gateId = '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2001'
const daemonId = '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e2002'

/**
 * The gate as it is registered: web app and API in one.
 *
 * @param origin `https://host:port` of the gate
 * @param credentials how it proves itself
 * @param more what is to be other than usual
 */
export function gateApp(
  origin: string,
  credentials: AppCredentials,
  more: Partial<AppRegistration> = {},
): AppRegistration {
  const clientId = more.clientId ?? gateId
  return {
    clientId,
    servicePrincipalId: '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e3001',
    name: 'Postern gate',
    redirectUris: [`${origin}/.postern/callback`, `${origin}/`],
    frontChannelSignOut: `${origin}/.postern/front-channel-sign-out`,
    credentials,
    api: { identifierUris: [`api://${clientId}`], tokenVersion: 2, scopes: ['access_as_user'] },
    // For the groups of people and apps whose token leaves them out.
    appRoles: { [graphAppId]: ['GroupMember.Read.All', 'Application.Read.All'] },
    ...more,
  }
}

/**
 * A program without a person, with a role of its own at an API.
 *
 * @param api client id of the API; default: the gate's
 */
export function daemonApp(secret: string, api: string = gateId, more: Partial<AppRegistration> = {}): AppRegistration {
  return {
    clientId: daemonId,
    servicePrincipalId: '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e3002',
    name: 'Nightly export',
    redirectUris: [],
    credentials: { secret },
    appRoles: { [api]: ['Export'] },
    ...more,
  }
}

/** Graph as every tenant has it. */
export const graphApp = (graphOrigin: string): AppRegistration => ({
  clientId: graphAppId,
  servicePrincipalId: '5b0d3f52-1c1e-4a6f-8a55-0f6c0d9e3003',
  name: 'Microsoft Graph',
  redirectUris: [],
  credentials: {},
  api: {
    identifierUris: [graphOrigin, 'https://graph.microsoft.com'],
    tokenVersion: 1,
    scopes: ['User.Read', 'User.Read.All', 'GroupMember.Read.All', 'Application.Read.All', 'Directory.Read.All'],
  },
  appRoles: {},
})
