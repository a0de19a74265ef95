import type { Cloud } from '../model/cloud.ts'
import { isGuid } from '../model/guid.ts'

/** Versions of Entra's tokens, as their `ver` says: which one an API gets is set in its own manifest. */
export const tokenVersions = ['1.0', '2.0'] as const
export type TokenVersion = (typeof tokenVersions)[number]

/** Where tenants of a cloud sign in, and who their tokens say that they are from. */
export interface Authority {
  /** Host of the sign-in and key endpoints; with a port where that is not 443. */
  readonly host: string
  /** Host in the issuer of v1.0 tokens. */
  readonly v1IssuerHost: string
  /** Microsoft Graph of the cloud. */
  readonly graphHost: string
}

/**
 * By cloud. Of the clouds apart from the worldwide one Microsoft documents the sign-in and Graph hosts; the v1.0 issuers
 * are those of public samples and libraries.
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
export const authorities: Readonly<Record<Cloud, Authority>> = {
  worldwide: {
    host: 'login.microsoftonline.com',
    v1IssuerHost: 'sts.windows.net',
    graphHost: 'graph.microsoft.com',
  },
  'usgov-gcchigh': {
    host: 'login.microsoftonline.us',
    v1IssuerHost: 'sts.windows.net',
    graphHost: 'graph.microsoft.us',
  },
  'usgov-dod': {
    host: 'login.microsoftonline.us',
    v1IssuerHost: 'sts.windows.net',
    graphHost: 'dod-graph.microsoft.us',
  },
  china: {
    host: 'login.partner.microsoftonline.cn',
    v1IssuerHost: 'sts.chinacloudapi.cn',
    graphHost: 'microsoftgraph.chinacloudapi.cn',
  },
}

/**
 * The authority of a tenant that is played, for rehearsals: sign-in, keys, issuers and Graph are all at one place.
 *
 * @param origin `https://host:port`
 * @throws RangeError for what is no origin of HTTPS
 */
export function playedAuthority(origin: string): Authority {
  const read = URL.canParse(origin) ? new URL(origin) : undefined
  if (read === undefined || read.protocol !== 'https:' || read.origin !== origin) {
    throw new RangeError(`${origin} is no origin, such as https://localhost:8444`)
  }
  return { host: read.host, v1IssuerHost: read.host, graphHost: read.host }
}

/**
 * The issuer that tokens of a tenant carry: v1.0 ends in a slash, v2.0 does not.
 *
 * @param tenant its id in lower case
 */
export function issuerOf(tenant: string, version: TokenVersion, { host, v1IssuerHost }: Authority): string {
  return version === '1.0' ? `https://${v1IssuerHost}/${tenant}/` : `https://${host}/${tenant}/v2.0`
}

/** The OpenID configuration of a tenant's tokens of one version. */
export function configurationUrl(tenant: string, version: TokenVersion, { host }: Authority): string {
  return `https://${host}/${tenant}${version === '1.0' ? '' : '/v2.0'}/.well-known/openid-configuration`
}

/**
 * Whether a key may sign for an issuer, by the key's own `issuer` member: keys of a cloud are pinned to a tenant or bear
 * the template of all of them, `{tenantid}`. A key that names none may sign for whoever publishes it.
 */
export function keyIsFor(keyIssuer: string | undefined, issuer: string, tenant: string): boolean {
  return keyIssuer === undefined || keyIssuer.replaceAll(/\{tenantid\}/gi, tenant) === issuer
}

/** A tenant id as it is compared: Entra writes it in lower case, people do not always. */
export function tenantIdOf(text: string): string | undefined {
  return isGuid(text) ? text.toLowerCase() : undefined
}
