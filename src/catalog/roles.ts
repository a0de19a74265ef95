import type { Role } from '../model/role.ts'

/** What a role is, and whose it is. */
export interface RoleRow {
  readonly title: string
  /** `site`: a host or network of the site plays it. `cloud`: Microsoft does. `group`: it stands for several. */
  readonly side: 'site' | 'cloud' | 'group'
  /** The roles that a group stands for; absent where it is everybody, or nobody of the site. */
  readonly members?: readonly Role[]
}

const site = (title: string): RoleRow => ({ title, side: 'site' })
const cloud = (title: string): RoleRow => ({ title, side: 'cloud' })

export const roleRows: Readonly<Record<Role, RoleRow>> = {
  'entra-connect': site('Entra Connect server'),
  'pta-agent': site('pass-through authentication agent'),
  'health-agent': site('Connect Health agent'),
  'cloud-sync-agent': site('Cloud Sync provisioning agent'),
  'provisioning-agent': site('provisioning agent for on-premises apps'),
  'private-network-connector': site('private network connector (application proxy)'),
  'pwprotection-proxy': site('Password Protection proxy'),
  'ecma-connector-host': site('ECMA connector host'),
  'domain-controller': site('domain controller'),
  'dns-server': site('DNS server'),
  'domain-member': site('member of the domain'),
  'domain-joined-device': site('domain-joined device'),
  adfs: site('AD FS server'),
  wap: site('Web Application Proxy'),
  'load-balancer': site('load balancer before AD FS'),
  'sql-server': site('SQL Server'),
  'outbound-proxy': site('outgoing HTTP proxy'),
  'published-app': site('app that a connector publishes'),
  'scim-app': site('app with a SCIM address'),
  'app-8443': site('own app behind Entra sign-in'),
  'user-client': site('people’s devices, wherever they are'),
  'intranet-client': site('people’s devices on the intranet'),
  'entra-id': cloud('Microsoft Entra ID'),
  'entra-provisioning': cloud('Entra provisioning service'),
  'entra-connect-health': cloud('Entra Connect Health service'),
  'azure-service-bus': cloud('Azure Service Bus'),
  'azure-datacenter-ips': cloud('Azure data-center address ranges'),
  'crl-ocsp': cloud('revocation lists and OCSP responders'),
  'adfs-wap': { title: 'AD FS server or Web Application Proxy', side: 'group', members: ['adfs', 'wap'] },
  'outbound-only': {
    title: 'Connect server, agent or connector that nobody outside connects to',
    side: 'group',
    members: ['entra-connect', 'pta-agent', 'cloud-sync-agent', 'provisioning-agent', 'private-network-connector'],
  },
  any: { title: 'any host of the site', side: 'group' },
  internet: { title: 'whatever is outside', side: 'group' },
}

/**
 * As what the machines of a role open their connections: services run without a user, and do not ask the proxy script of
 * one; devices have both. Cloud roles open none from inside.
 */
export const opensAs: Readonly<Record<Role, 'services' | 'people' | 'both'>> = {
  'entra-connect': 'services',
  'pta-agent': 'services',
  'health-agent': 'services',
  'cloud-sync-agent': 'services',
  'provisioning-agent': 'services',
  'private-network-connector': 'services',
  'pwprotection-proxy': 'services',
  'ecma-connector-host': 'services',
  'domain-controller': 'services',
  'dns-server': 'services',
  'domain-member': 'both',
  'domain-joined-device': 'both',
  adfs: 'services',
  wap: 'services',
  'load-balancer': 'services',
  'sql-server': 'services',
  'outbound-proxy': 'services',
  'published-app': 'services',
  'scim-app': 'services',
  'app-8443': 'services',
  'user-client': 'people',
  'intranet-client': 'people',
  'entra-id': 'services',
  'entra-provisioning': 'services',
  'entra-connect-health': 'services',
  'azure-service-bus': 'services',
  'azure-datacenter-ips': 'services',
  'crl-ocsp': 'services',
  'adfs-wap': 'services',
  'outbound-only': 'services',
  any: 'both',
  internet: 'both',
}
