/** Roles that a host or network of the site can play. */
export const siteRoles = [
  'entra-connect',
  'pta-agent',
  'health-agent',
  'cloud-sync-agent',
  'provisioning-agent',
  'private-network-connector',
  'pwprotection-proxy',
  'ecma-connector-host',
  'domain-controller',
  'dns-server',
  'domain-member',
  'domain-joined-device',
  'adfs',
  'wap',
  'load-balancer',
  'sql-server',
  'outbound-proxy',
  'published-app',
  'scim-app',
  'app-8443',
  'user-client',
  'intranet-client',
] as const
export type SiteRole = (typeof siteRoles)[number]

/** Roles that Microsoft's side plays; no host of the site has them. */
export const cloudRoles = [
  'entra-id',
  'entra-provisioning',
  'entra-connect-health',
  'azure-service-bus',
  'azure-datacenter-ips',
  'crl-ocsp',
] as const
export type CloudRole = (typeof cloudRoles)[number]

/**
 * Roles that stand for several: `adfs-wap` is either of the two, `outbound-only` whatever opens all of its connections to
 * the cloud itself, `any` every host of the site, `internet` whatever is outside.
 */
export const groupRoles = ['adfs-wap', 'outbound-only', 'any', 'internet'] as const
export type GroupRole = (typeof groupRoles)[number]

export type Role = SiteRole | CloudRole | GroupRole
