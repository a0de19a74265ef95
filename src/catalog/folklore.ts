import type { Source } from '../model/flow.ts'
import { pages } from './pages.ts'

/** Something that is said about ports and paths, and what is so. */
export interface FolkloreRow extends Source {
  /** What people type when they ask: ports and words, in lower case. */
  readonly terms: readonly string[]
  /** What is said. */
  readonly claim: string
  /** What is so. */
  readonly fact: string
  /**
   * `folklore`: no product needs it. `true-for-old-builds`: it was so once. `local-only`: the port is real and must
   * never be opened. `fallback`: used only when the usual way is shut. `own-door`: the port is the user's own choice.
   */
  readonly tone: 'folklore' | 'true-for-old-builds' | 'local-only' | 'fallback' | 'own-door'
  /** Ids of the rows that show it. */
  readonly flows: readonly string[]
}

export const folkloreRows: readonly FolkloreRow[] = [
  {
    terms: ['8443'],
    claim: 'Entra ID, Connect, AD FS, pass-through authentication or Cloud Sync needs port 8443.',
    fact: 'No Microsoft page requires 8443 for any of them; towards Entra ID everything is 443. A rule that opens 8443 to Microsoft is unneeded.',
    tone: 'folklore',
    flows: ['neg-8443-entra', 't2-https-sync', 'app-oidc'],
    ...pages.ports,
  },
  {
    terms: ['8443', 'own door'],
    claim: 'Sign-in with Entra ID happens on 8443.',
    fact: 'Where 8443 is right, it is the port of the site’s own door: an app behind Entra sign-in, a SCIM address, the internal URL of a published app. Browsers and the own connectors come there; the sign-in itself is on 443.',
    tone: 'own-door',
    flows: ['app-user', 'pnc-backend', 'scim-in', 'scim-agent'],
    ...pages.replyUrl,
  },
  {
    terms: ['internal port', 'external port', 'internal url', 'external url'],
    claim: 'A published app is reached from outside on its internal port, so that port must be opened on the firewall.',
    fact: 'The external URL is always 443 on msappproxy.net or the own domain. The internal port matters between connector and app only; nothing is opened from outside.',
    tone: 'own-door',
    flows: ['pnc-backend', 'pnc-https', 'neg-inbound-connect'],
    ...pages.connectors,
  },
  {
    terms: ['redirect uri', 'redirect_uri', 'reply url', 'callback'],
    claim: 'Entra ID calls the redirect URI, so its addresses must be allowed in to the app.',
    fact: 'Entra ID never calls a redirect URI: it tells the browser to go there. Who must reach the app is the people’s browsers; opening its port to Microsoft’s addresses is useless.',
    tone: 'folklore',
    flows: ['app-user', 'app-user-signin', 'app-oidc'],
    ...pages.replyUrl,
  },
  {
    terms: ['5671', 'amqp', 'amqps'],
    claim: 'Connect Health needs port 5671.',
    fact: 'Only old Health agents use 5671, and they fall back to 443; current ones need 443 alone. Private network connectors may try Service Bus directly first: a shut 5671 costs them a slower start, not a failure.',
    tone: 'true-for-old-builds',
    flows: ['t7a-amqps', 't7a-https', 'pnc-sb-direct'],
    ...pages.ports,
  },
  {
    terms: ['8080'],
    claim: 'Agents need port 8080 outbound.',
    fact: '8080 is a fallback for the status report every ten minutes when 443 is not available. It never carries a sign-in, and a shut 8080 breaks nothing. As a proxy’s port 8080 is only the usual example.',
    tone: 'fallback',
    flows: ['pta-status-8080', 'cs-status-8080', 'connect-proxy', 'pnc-proxy-connect'],
    ...pages.ptaQuickStart,
  },
  {
    terms: ['808', '1501', 'net.tcp', 'net-tcp', 'nettcp'],
    claim: 'Ports 808 and 1501 must be open between AD FS servers.',
    fact: 'They are the local configuration endpoint of AD FS: 808 on Windows Server 2012 R2, 1501 from 2016 on. They show in port scans and must not be opened to anybody. Farm nodes synchronise on 80.',
    tone: 'local-only',
    flows: ['adfs-nettcp-2012r2', 'adfs-nettcp-2016', 'adfs-farm-sync'],
    ...pages.adFsHardening,
  },
  {
    terms: ['9090', '9091', '9350', '9352', '10100-10120', 'legacy ports'],
    claim: 'Authentication agents and connectors need 9090, 9091, 9350, 9352 and 10100 to 10120 outbound.',
    fact: 'Only very old builds did; only 8080 and 9090 are shown in the cited report, the other numbers come from older documentation and are unverified. An agent that still calls these ports wants an update, not a rule.',
    tone: 'true-for-old-builds',
    flows: ['pta-legacy-ports', 't6a-https', 'pnc-https'],
    ...pages.ptaLegacyReport,
  },
  {
    terms: ['inbound', 'inbound port', 'inbound ports', 'port forwarding'],
    claim: 'Entra ID needs an inbound port to the Connect server or its agents.',
    fact: 'None: Connect, authentication agents, Cloud Sync agents and connectors open every connection themselves, outbound. Entra ID comes to the site only for AD FS metadata and for a SCIM address that is published on purpose.',
    tone: 'folklore',
    flows: ['neg-inbound-connect', 'adfs-metadata', 'scim-in'],
    ...pages.connectorProxy,
  },
  {
    terms: ['49443'],
    claim: 'AD FS always needs port 49443.',
    fact: 'Only for user certificate authentication, only between clients and WAP, and only while no certauth.<federation name> is bound to 443, which AD FS 2016 and later can do.',
    tone: 'fallback',
    flows: ['t5-certauth', 'adfs-certauth-443'],
    ...pages.adFsRequirements,
  },
]
