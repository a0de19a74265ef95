import { hasWord } from './hasWord.ts'
import type { NameFeature } from './nameRow.ts'
import { pages } from './pages.ts'

/** A feature whose TLS Microsoft wants left alone. */
export interface InspectionRule {
  readonly feature: NameFeature
  /** In the page's terms: what it says, and how strongly. */
  readonly says: string
  /** The only name that it is about; absent: every name of the feature's list. */
  readonly name?: string
  readonly source: string
  readonly asOf: string
}

/** Where Microsoft does not support TLS inspection, or warns of it. */
export const inspectionForbidden: readonly InspectionRule[] = [
  { feature: 'connect-sync', says: 'not supported', ...pages.connectPrerequisites },
  { feature: 'pass-through-authentication', says: 'avoid all forms', ...pages.ptaQuickStart },
  { feature: 'application-proxy', says: 'do not use; the client certificate is lost', ...pages.connectorProxy },
  { feature: 'cloud-sync', says: 'avoid (troubleshooting page)', ...pages.cloudSyncTroubleshooting },
  {
    feature: 'connect-health',
    says: 'registration or upload may fail; the same page also says not to disable inspection of these names',
    ...pages.healthAgent,
  },
  {
    feature: 'hybrid-join',
    says: 'must be excluded: the device presents a client certificate',
    name: 'device.login.microsoftonline.com',
    ...pages.hybridJoin,
  },
  { feature: 'ad-fs', says: 'TLS must not end at the load balancer', ...pages.adFsRequirements },
]

/** The sign that a product leaves in the certificates that it re-signs: a sign, not a proof. */
export interface InspectionVendor {
  readonly vendor: string
  readonly kind: string
  /** Whole words of the issuer's distinguished name; none where only the chain tells. */
  readonly issuerContains: readonly string[]
  /** `vendor-page`: the vendor says so. `keyword-list`: public TLS checkers look for it. `general`: no page was found. */
  readonly confidence: 'vendor-page' | 'keyword-list' | 'general'
  readonly source: string
  readonly note?: string
}

const keywordLists = 'keyword lists of several public TLS checkers'
const unpublished = 'general knowledge, no page found; confirm before relying on it'

/** Inspection products; the first whose sign is found names the product. */
export const inspectionVendors: readonly InspectionVendor[] = [
  {
    vendor: 'Zscaler',
    kind: 'cloud proxy',
    issuerContains: ['Zscaler'],
    confidence: 'vendor-page',
    source: 'https://help.zscaler.com/unified/choosing-ca-certificate-ssl-inspection',
    note: 'Issuer DN becomes that of the Zscaler intermediate; a customer CA may replace it, then no vendor name shows.',
  },
  {
    vendor: 'Netskope',
    kind: 'cloud proxy',
    issuerContains: ['Netskope', 'goskope.com', 'certadmin'],
    confidence: 'keyword-list',
    source: keywordLists,
    note: '"Netskope" from lists; the other two are general knowledge, no page found; confirm before relying on it',
  },
  {
    vendor: 'Palo Alto Networks',
    kind: 'firewall',
    issuerContains: ['Palo Alto', 'PAN-OS'],
    confidence: 'keyword-list',
    source: keywordLists,
    note: 'Forward-trust CA is named by the customer: usually no vendor name. Detect by the chain not reaching a known root.',
  },
  {
    vendor: 'Fortinet',
    kind: 'firewall',
    issuerContains: ['Fortinet', 'FortiGate', 'Fortinet_CA_SSL'],
    confidence: 'keyword-list',
    source: keywordLists,
    note: 'Default CA carries the device serial as CN with O=Fortinet (general knowledge, no page found; confirm before relying on it).',
  },
  {
    vendor: 'Blue Coat / Symantec / Broadcom',
    kind: 'proxy',
    issuerContains: ['Blue Coat', 'BlueCoat', 'Symantec SSL Visibility', 'Symantec Web Security Service'],
    confidence: 'keyword-list',
    source:
      'keyword lists of several public TLS checkers; https://techdocs.broadcom.com/us/en/symantec-security-software/web-and-network-security/web-security-service/help/ssl-certs-policies/ssl_certs.html (root has to be installed on clients)',
  },
  {
    vendor: 'Cisco Umbrella / Secure Access',
    kind: 'cloud proxy',
    issuerContains: ['Cisco Umbrella'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'Cisco Secure Web Appliance (WSA)',
    kind: 'proxy',
    issuerContains: ['Cisco', 'IronPort'],
    confidence: 'general',
    source: unpublished,
    note: 'Match only together with an unknown root: "Cisco" also occurs elsewhere.',
  },
  {
    vendor: 'Sophos',
    kind: 'firewall',
    issuerContains: ['Sophos'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'McAfee / Skyhigh',
    kind: 'proxy',
    issuerContains: ['McAfee Web Gateway', 'McAfee', 'Skyhigh'],
    confidence: 'keyword-list',
    source:
      'keyword lists of several public TLS checkers (McAfee Web Gateway); Skyhigh is general knowledge, no page found; confirm before relying on it',
  },
  {
    vendor: 'Check Point',
    kind: 'firewall',
    issuerContains: ['Check Point', 'CheckPoint'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'Barracuda',
    kind: 'firewall/proxy',
    issuerContains: ['Barracuda'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'Forcepoint / Websense',
    kind: 'proxy',
    issuerContains: ['Forcepoint', 'Websense'],
    confidence: 'keyword-list',
    source:
      'keyword lists of several public TLS checkers; https://help.stonesoft.com/onlinehelp/StoneGate/SMC/6.7.0/GUID-F9AA7EC2-855E-446F-9032-20D89C12E93D.html',
    note: 'The Forcepoint engine presents a self-signed substitute when the origin is not trusted.',
  },
  {
    vendor: 'SonicWall',
    kind: 'firewall',
    issuerContains: ['SonicWALL', 'DPI-SSL'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'WatchGuard',
    kind: 'firewall',
    issuerContains: ['Fireware', 'WatchGuard'],
    confidence: 'general',
    source: unpublished,
  },
  {
    vendor: 'Trend Micro',
    kind: 'proxy',
    issuerContains: ['Trend Micro'],
    confidence: 'general',
    source: unpublished,
  },
  {
    vendor: 'iboss',
    kind: 'cloud proxy',
    issuerContains: ['iboss'],
    confidence: 'general',
    source: unpublished,
  },
  {
    vendor: 'Cloudflare Gateway',
    kind: 'cloud proxy',
    issuerContains: ['Gateway CA - Cloudflare'],
    confidence: 'general',
    source: unpublished,
  },
  {
    vendor: 'Microsoft Global Secure Access TLS inspection',
    kind: 'cloud proxy',
    issuerContains: [],
    confidence: 'general',
    source: unpublished,
    note: 'Uses a customer-signed intermediate, so only the chain tells.',
  },
  {
    vendor: 'Squid',
    kind: 'proxy',
    issuerContains: ['squid', 'ssl-bump'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'Smoothwall / Lightspeed / Securly / Untangle',
    kind: 'school filters',
    issuerContains: ['Smoothwall', 'Lightspeed', 'Securly', 'Untangle'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
  {
    vendor: 'Antivirus on the host',
    kind: 'endpoint',
    issuerContains: ['Kaspersky', 'ESET SSL Filter', 'avast! Web/Mail Shield', 'Bitdefender'],
    confidence: 'general',
    source: unpublished,
    note: 'Host-local interception: differs between servers on one network.',
  },
  {
    vendor: 'Debug proxies',
    kind: 'tool',
    issuerContains: ['mitmproxy', 'Fiddler', 'Charles Proxy', 'PortSwigger', 'Burp', 'Proxyman', 'ZAP'],
    confidence: 'keyword-list',
    source: keywordLists,
  },
]

/**
 * The product whose sign an issuer carries. Meaningful only for a chain that ends in no published root: the words occur
 * elsewhere too, and a CA that the customer named carries none.
 *
 * @param dn the issuer's distinguished name; letter case does not matter
 */
export function inspectionVendorOf(dn: string): InspectionVendor | undefined {
  const text = dn.toLowerCase()
  return inspectionVendors.find((vendor) => vendor.issuerContains.some((word) => hasWord(text, word.toLowerCase())))
}
