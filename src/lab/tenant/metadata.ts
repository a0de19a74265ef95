import { otherTenant } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Place } from './place.ts'
import { issuerV1, issuerV2, manyTenants, paths } from './place.ts'

const elsewhere = 'https://sign-in.example'

/**
 * The OpenID configuration (OpenID Connect Discovery 1.0 §3) of a tenant segment. Of `common` and the like the issuer is a
 * template. What is named is there, except that v1.0 has Entra's addresses of v2.0 for signing in.
 *
 * @param segment the tenant in the path
 */
export function metadata(
  place: Place,
  segment: string,
  version: '1.0' | '2.0',
  how: Misbehaviour['metadata'],
): Readonly<Record<string, unknown>> {
  const many = manyTenants.has(segment)
  const base = `${place.origin}/${many ? segment : place.tenantId}`
  const named = how === 'wrong-issuer' ? otherTenant : many ? '{tenantid}' : place.tenantId
  const issued = { ...place, tenantId: named }
  return {
    token_endpoint: `${how === 'token-elsewhere' ? elsewhere : base}${paths.token}`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${how === 'keys-elsewhere' ? elsewhere : base}${version === '2.0' ? paths.keysV2 : paths.keysV1}`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: version === '2.0' ? issuerV2(issued) : issuerV1(issued),
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${place.origin}/oidc/userinfo`,
    authorization_endpoint: `${base}${paths.authorize}`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}${paths.signOut}`,
    claims_supported: [
      'sub',
      'iss',
      'cloud_instance_name',
      'cloud_instance_host_name',
      'cloud_graph_host_name',
      'msgraph_host',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
      'ver',
      'at_hash',
      'c_hash',
      'email',
    ],
    tenant_region_scope: many ? null : 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: new URL(place.origin).host,
  }
}
