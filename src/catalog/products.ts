import { hasWord } from './hasWord.ts'

/** A whole word, in any letter case, or a pattern where a word does not tell. */
type Mark = string | RegExp

/** The sign that a product leaves in the certificates that it re-signs: a sign, not a proof. */
interface InspectionSign {
  readonly kind: string
  /** Whole words of the issuer's distinguished name; none where only the chain tells. */
  readonly issuerContains: readonly string[]
  /** `vendor-page`: the vendor says so. `keyword-list`: public TLS checkers look for it. `general`: no page was found. */
  readonly confidence: 'vendor-page' | 'keyword-list' | 'general'
  readonly source: string
  readonly note?: string
}

/**
 * Marks by which a product's own console names itself. They are general knowledge of how products ship; no vendor page
 * promises them, so a mark counts only where the certificate or document is wrong anyway.
 */
interface ConsoleSign {
  readonly product: string
  /** In the subject or issuer of a certificate of its own making. */
  readonly certificate: readonly Mark[]
  /** In the title of its sign-in page, or the `Server` field of its answers. */
  readonly page: readonly Mark[]
}

/** A product that stands between two ends, or where a wrong address translation leads to. */
interface ProductRow {
  readonly vendor: string
  readonly inspection?: InspectionSign
  readonly console?: ConsoleSign
}

export type InspectionVendor = Pick<ProductRow, 'vendor'> & InspectionSign

const keywordLists = 'keyword lists of several public TLS checkers'
const unpublished = 'general knowledge, no page found; confirm before relying on it'

/** Products by their signs; the first whose sign is found is the one that is named. */
const productRows: readonly ProductRow[] = [
  {
    vendor: 'Zscaler',
    inspection: {
      kind: 'cloud proxy',
      issuerContains: ['Zscaler'],
      confidence: 'vendor-page',
      source: 'https://help.zscaler.com/unified/choosing-ca-certificate-ssl-inspection',
      note: 'Issuer DN becomes that of the Zscaler intermediate; a customer CA may replace it, then no vendor name shows.',
    },
  },
  {
    vendor: 'Netskope',
    inspection: {
      kind: 'cloud proxy',
      issuerContains: ['Netskope', 'goskope.com', 'certadmin'],
      confidence: 'keyword-list',
      source: keywordLists,
      note: '"Netskope" from lists; the other two are general knowledge, no page found; confirm before relying on it',
    },
  },
  {
    vendor: 'Palo Alto Networks',
    inspection: {
      kind: 'firewall',
      issuerContains: ['Palo Alto', 'PAN-OS'],
      confidence: 'keyword-list',
      source: keywordLists,
      note: 'Forward-trust CA is named by the customer: usually no vendor name. Detect by the chain not reaching a known root.',
    },
    console: {
      product: 'Palo Alto Networks firewall',
      certificate: ['Palo Alto Networks', 'PAN-OS'],
      page: ['Palo Alto Networks', 'GlobalProtect'],
    },
  },
  {
    vendor: 'Fortinet',
    inspection: {
      kind: 'firewall',
      issuerContains: ['Fortinet', 'FortiGate', 'Fortinet_CA_SSL'],
      confidence: 'keyword-list',
      source: keywordLists,
      note: 'Default CA carries the device serial as CN with O=Fortinet (general knowledge, no page found; confirm before relying on it).',
    },
    console: {
      product: 'FortiGate',
      certificate: ['FortiGate', 'Fortinet', /\bFG(T|VM|\d{2,4}[A-F])\w*/],
      page: ['FortiGate', 'Fortinet', 'FortiOS', 'FortiLab', 'xxxxxxxx-xxxxx'],
    },
  },
  {
    vendor: 'Blue Coat / Symantec / Broadcom',
    inspection: {
      kind: 'proxy',
      issuerContains: ['Blue Coat', 'BlueCoat', 'Symantec SSL Visibility', 'Symantec Web Security Service'],
      confidence: 'keyword-list',
      source:
        'keyword lists of several public TLS checkers; https://techdocs.broadcom.com/us/en/symantec-security-software/web-and-network-security/web-security-service/help/ssl-certs-policies/ssl_certs.html (root has to be installed on clients)',
    },
  },
  {
    vendor: 'Cisco Umbrella / Secure Access',
    inspection: {
      kind: 'cloud proxy',
      issuerContains: ['Cisco Umbrella'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
  },
  {
    vendor: 'Cisco Secure Web Appliance (WSA)',
    inspection: {
      kind: 'proxy',
      issuerContains: ['Cisco', 'IronPort'],
      confidence: 'general',
      source: unpublished,
      note: 'Match only together with an unknown root: "Cisco" also occurs elsewhere.',
    },
    console: {
      product: 'Cisco device',
      certificate: ['Cisco', /\bIOS-Self-Signed-Certificate/i],
      page: ['Cisco', 'cisco-IOS'],
    },
  },
  {
    vendor: 'Sophos',
    inspection: {
      kind: 'firewall',
      issuerContains: ['Sophos'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
    console: { product: 'Sophos firewall', certificate: ['Sophos', /\bSophosApplianceCertificate/i], page: ['Sophos'] },
  },
  {
    vendor: 'McAfee / Skyhigh',
    inspection: {
      kind: 'proxy',
      issuerContains: ['McAfee Web Gateway', 'McAfee', 'Skyhigh'],
      confidence: 'keyword-list',
      source:
        'keyword lists of several public TLS checkers (McAfee Web Gateway); Skyhigh is general knowledge, no page found; confirm before relying on it',
    },
  },
  {
    vendor: 'Check Point',
    inspection: {
      kind: 'firewall',
      issuerContains: ['Check Point', 'CheckPoint'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
    console: {
      product: 'Check Point gateway',
      certificate: ['Check Point', 'CheckPoint'],
      page: ['Check Point', 'CheckPoint', 'Gaia Portal'],
    },
  },
  {
    vendor: 'Barracuda',
    inspection: {
      kind: 'firewall/proxy',
      issuerContains: ['Barracuda'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
  },
  {
    vendor: 'Forcepoint / Websense',
    inspection: {
      kind: 'proxy',
      issuerContains: ['Forcepoint', 'Websense'],
      confidence: 'keyword-list',
      source:
        'keyword lists of several public TLS checkers; https://help.stonesoft.com/onlinehelp/StoneGate/SMC/6.7.0/GUID-F9AA7EC2-855E-446F-9032-20D89C12E93D.html',
      note: 'The Forcepoint engine presents a self-signed substitute when the origin is not trusted.',
    },
  },
  {
    vendor: 'SonicWall',
    inspection: {
      kind: 'firewall',
      issuerContains: ['SonicWALL', 'DPI-SSL'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
    console: { product: 'SonicWall', certificate: ['SonicWALL'], page: ['SonicWALL'] },
  },
  {
    vendor: 'WatchGuard',
    inspection: {
      kind: 'firewall',
      issuerContains: ['Fireware', 'WatchGuard'],
      confidence: 'general',
      source: unpublished,
    },
    console: {
      product: 'WatchGuard Firebox',
      certificate: ['WatchGuard', 'Fireware'],
      page: ['WatchGuard', 'Fireware'],
    },
  },
  {
    vendor: 'Trend Micro',
    inspection: {
      kind: 'proxy',
      issuerContains: ['Trend Micro'],
      confidence: 'general',
      source: unpublished,
    },
  },
  {
    vendor: 'iboss',
    inspection: {
      kind: 'cloud proxy',
      issuerContains: ['iboss'],
      confidence: 'general',
      source: unpublished,
    },
  },
  {
    vendor: 'Cloudflare Gateway',
    inspection: {
      kind: 'cloud proxy',
      issuerContains: ['Gateway CA - Cloudflare'],
      confidence: 'general',
      source: unpublished,
    },
  },
  {
    vendor: 'Microsoft Global Secure Access TLS inspection',
    inspection: {
      kind: 'cloud proxy',
      issuerContains: [],
      confidence: 'general',
      source: unpublished,
      note: 'Uses a customer-signed intermediate, so only the chain tells.',
    },
  },
  {
    vendor: 'Squid',
    inspection: {
      kind: 'proxy',
      issuerContains: ['squid', 'ssl-bump'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
  },
  {
    vendor: 'Smoothwall / Lightspeed / Securly / Untangle',
    inspection: {
      kind: 'school filters',
      issuerContains: ['Smoothwall', 'Lightspeed', 'Securly', 'Untangle'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
  },
  {
    vendor: 'Antivirus on the host',
    inspection: {
      kind: 'endpoint',
      issuerContains: ['Kaspersky', 'ESET SSL Filter', 'avast! Web/Mail Shield', 'Bitdefender'],
      confidence: 'general',
      source: unpublished,
      note: 'Host-local interception: differs between servers on one network.',
    },
  },
  {
    vendor: 'Debug proxies',
    inspection: {
      kind: 'tool',
      issuerContains: ['mitmproxy', 'Fiddler', 'Charles Proxy', 'PortSwigger', 'Burp', 'Proxyman', 'ZAP'],
      confidence: 'keyword-list',
      source: keywordLists,
    },
  },
  { vendor: 'Netgate', console: { product: 'pfSense', certificate: ['pfSense'], page: ['pfSense'] } },
  { vendor: 'Deciso', console: { product: 'OPNsense', certificate: ['OPNsense'], page: ['OPNsense'] } },
  { vendor: 'Juniper', console: { product: 'Juniper device', certificate: ['Juniper'], page: ['Juniper', 'J-Web'] } },
  {
    vendor: 'MikroTik',
    console: { product: 'MikroTik RouterOS', certificate: ['MikroTik'], page: ['RouterOS', 'MikroTik'] },
  },
  { vendor: 'Ubiquiti', console: { product: 'UniFi console', certificate: ['UniFi', 'Ubiquiti'], page: ['UniFi'] } },
  { vendor: 'AVM', console: { product: 'AVM FRITZ!Box', certificate: ['fritz.box'], page: ['FRITZ!Box'] } },
  {
    vendor: 'F5',
    console: {
      product: 'F5 BIG-IP',
      certificate: ['BIG-IP', 'BIGIP', /\bMyCompany\b.*\blocalhost\.localdomain\b/i],
      page: ['BIG-IP'],
    },
  },
  {
    vendor: 'Citrix',
    console: {
      product: 'Citrix NetScaler',
      certificate: ['NetScaler', 'Citrix ANG'],
      page: ['NetScaler', 'Citrix ADC'],
    },
  },
  {
    vendor: 'HPE',
    console: {
      product: 'HPE iLO',
      certificate: ['iLO', /\bILO[A-Z0-9]{8,}\b/],
      page: ['HPE iLO', 'HP iLO', /\biLO \d\b/i],
    },
  },
  { vendor: 'Dell', console: { product: 'Dell iDRAC', certificate: [/\biDRAC/i], page: [/\biDRAC/i] } },
  {
    vendor: 'Lenovo',
    console: { product: 'Lenovo XClarity', certificate: ['XClarity', /\bXCC-/i], page: ['XClarity'] },
  },
  {
    vendor: 'Supermicro',
    console: {
      product: 'Supermicro BMC',
      certificate: ['Supermicro', 'Super Micro'],
      page: ['Supermicro', 'Super Micro', 'ATEN International'],
    },
  },
  {
    vendor: 'VMware',
    console: { product: 'VMware ESXi or vCenter', certificate: ['VMware'], page: ['VMware', 'vSphere'] },
  },
  { vendor: 'Proxmox', console: { product: 'Proxmox', certificate: ['Proxmox'], page: ['Proxmox'] } },
  {
    vendor: 'Synology',
    console: { product: 'Synology DiskStation', certificate: ['Synology'], page: ['Synology', 'DiskStation'] },
  },
  { vendor: 'QNAP', console: { product: 'QNAP NAS', certificate: ['QNAP'], page: ['QNAP', 'QTS'] } },
  {
    vendor: 'several makers',
    console: {
      product: 'a printer',
      certificate: ['HP Inc', 'HP Jetdirect', 'KYOCERA', 'Lexmark'],
      page: ['LaserJet', 'KYOCERA', 'Lexmark'],
    },
  },
]

/** Those that inspect TLS. */
export const inspectionVendors: readonly InspectionVendor[] = productRows.flatMap(({ vendor, inspection }) =>
  inspection === undefined ? [] : [{ vendor, ...inspection }],
)

/**
 * The product whose sign an issuer carries. Meaningful only for a chain that ends in no published root: the words occur
 * elsewhere too, and a CA that the customer named carries none.
 *
 * @param dn the issuer's distinguished name; letter case does not matter
 */
export function inspectionVendorOf(dn: string): InspectionVendor | undefined {
  return inspectionVendors.find(({ issuerContains }) => hasMark(dn, issuerContains))
}

/**
 * The product whose console a certificate or a page belongs to.
 *
 * @param shown `certificate`: distinguished names of subject and issuer; `page`: title and `Server` field
 */
export function consoleProductOf(shown: 'certificate' | 'page', text: string): string | undefined {
  return productRows.find(({ console }) => console !== undefined && hasMark(text, console[shown]))?.console?.product
}

function hasMark(text: string, marks: readonly Mark[]): boolean {
  const lower = text.toLowerCase()
  return marks.some((mark) => (typeof mark === 'string' ? hasWord(lower, mark.toLowerCase()) : mark.test(text)))
}
