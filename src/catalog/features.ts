import type { Feature } from '../model/feature.ts'
import type { Source } from '../model/flow.ts'
import type { SiteRole } from '../model/role.ts'
import { pages } from './pages.ts'

/** What a feature is, and who must be there for it. */
export interface FeatureRow extends Source {
  readonly title: string
  readonly says: string
  /** The site needs one role or more of every group. */
  readonly needs: readonly (readonly SiteRole[])[]
}

const syncEngine = ['entra-connect', 'cloud-sync-agent'] as const satisfies readonly SiteRole[]

export const featureRows: Readonly<Record<Feature, FeatureRow>> = {
  'password-hash-sync': {
    title: 'password hash sync',
    says: 'Hashes of password hashes are read from a domain controller by replication over RPC and sent to Entra ID.',
    needs: [syncEngine, ['domain-controller']],
    ...pages.ports,
  },
  'seamless-sso': {
    title: 'Seamless SSO',
    says: 'The browser on a domain-joined device gets a Kerberos ticket for AZUREADSSOACC and hands it to Entra ID.',
    needs: [syncEngine, ['domain-controller']],
    ...pages.ssoQuickStart,
  },
  'pass-through-auth': {
    title: 'pass-through authentication',
    says: 'Agents fetch sign-in requests from Entra ID over outbound connections and validate the password in AD. The first agent runs on the Connect server.',
    needs: [['pta-agent', 'entra-connect']],
    ...pages.ptaQuickStart,
  },
  'password-writeback': {
    title: 'password writeback',
    says: 'A reset in the cloud comes down through a Service Bus relay that the sync engine holds open, and is set on a domain controller.',
    needs: [syncEngine],
    ...pages.writebackTroubleshooting,
  },
  'connect-health': {
    title: 'Connect Health',
    says: 'Agents report the health of Connect, AD FS and domain controllers on 443. Not offered in the China cloud.',
    needs: [['health-agent']],
    ...pages.healthAgent,
  },
  'ad-fs': {
    title: 'AD FS',
    says: 'Domains are federated: sign-in happens at the own AD FS, published to the internet by WAP.',
    needs: [['adfs']],
    ...pages.adFsRequirements,
  },
  'certificate-auth': {
    title: 'certificate authentication at AD FS',
    says: 'Users sign in to AD FS with a client certificate, on 49443 or on certauth.<federation name> at 443.',
    needs: [['adfs', 'wap']],
    ...pages.adFsRequirements,
  },
  'cloud-sync': {
    title: 'Cloud Sync',
    says: 'Light agents in place of, or beside, Entra Connect; the configuration lives in the cloud.',
    needs: [['cloud-sync-agent']],
    ...pages.cloudSync,
  },
  'application-proxy': {
    title: 'application proxy and Private Access',
    says: 'Connectors hold outbound connections through which Entra publishes internal apps.',
    needs: [['private-network-connector']],
    ...pages.connectors,
  },
  'password-protection': {
    title: 'Password Protection on premises',
    says: 'An agent on each domain controller fetches the banned password policy through a proxy service.',
    needs: [['pwprotection-proxy'], ['domain-controller']],
    ...pages.passwordProtection,
  },
  'hybrid-join': {
    title: 'hybrid join',
    says: 'Domain-joined devices register themselves with Entra ID, in machine context.',
    needs: [['domain-joined-device']],
    ...pages.hybridJoin,
  },
  'group-writeback': {
    title: 'group writeback',
    says: 'Groups of the cloud are written to AD. No flow is its own: it uses the LDAP and sync flows that the sync engine has anyway.',
    needs: [syncEngine],
    ...pages.ports,
  },
  ldaps: {
    title: 'LDAP over TLS',
    says: 'LDAP and the global catalog are read over TLS, on 636 and 3269; the locator still uses 389.',
    needs: [['domain-controller']],
    ...pages.adFirewall,
  },
  'remote-sql': {
    title: 'remote SQL Server',
    says: 'The sync database of Entra Connect lies on a SQL Server of its own.',
    needs: [['sql-server']],
    ...pages.connectPrerequisites,
  },
  ecma: {
    title: 'ECMA connector host',
    says: 'Users are provisioned to SQL, LDAP, PowerShell or web service targets through a host beside the agent.',
    needs: [['ecma-connector-host']],
    ...pages.ecma,
  },
  scim: {
    title: 'SCIM provisioning',
    says: 'Entra ID, or an agent on its behalf, calls the SCIM address of an app.',
    needs: [['scim-app']],
    ...pages.scim,
  },
  'own-app': {
    title: 'own app behind Entra sign-in',
    says: 'An app of the company’s own, usually on 8443: the browser comes to it, and it goes to Entra ID on 443.',
    needs: [['app-8443']],
    ...pages.replyUrl,
  },
}

/** A role that a feature gives to hosts that do not name it, while no host does. */
export interface ImpliedRole extends Source {
  readonly feature: Feature
  readonly role: SiteRole
  readonly playedBy: SiteRole
  readonly why: string
}

export const impliedRoles: readonly ImpliedRole[] = [
  {
    feature: 'pass-through-auth',
    role: 'pta-agent',
    playedBy: 'entra-connect',
    why: 'The first authentication agent is installed on the Connect server itself.',
    ...pages.ptaQuickStart,
  },
]
