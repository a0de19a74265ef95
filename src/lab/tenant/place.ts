/** Where things of the tenant are, and what it calls itself. */
export interface Place {
  readonly origin: string
  readonly tenantId: string
}

/** Segments that stand for any tenant: their issuer keeps a placeholder. */
export const manyTenants: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers'])

export const issuerV2 = ({ origin, tenantId }: Place): string => `${origin}/${tenantId}/v2.0`
export const issuerV1 = ({ origin, tenantId }: Place): string => `${origin}/${tenantId}/`

/** Entra's paths under a tenant segment. */
export const paths = {
  authorize: '/oauth2/v2.0/authorize',
  token: '/oauth2/v2.0/token',
  signOut: '/oauth2/v2.0/logout',
  keysV2: '/discovery/v2.0/keys',
  keysV1: '/discovery/keys',
  metadataV2: '/v2.0/.well-known/openid-configuration',
  metadataV1: '/.well-known/openid-configuration',
  /** The tenant's own: where people are picked. */
  signIn: '/login/',
} as const
