import type { HttpExchange, TlsHandshake } from '../model/observation.ts'

/** Marks by which a product names itself where it should not be: on the address of another service. */
interface DeviceRow {
  readonly product: string
  /** In the subject or issuer of a certificate of its own making. */
  readonly certificate?: RegExp
  /** In the title of its sign-in page, or the `Server` field of its answers. */
  readonly page?: RegExp
}

/**
 * Consoles that a wrong address translation leads to most often. The marks are general knowledge of how these products
 * ship; no vendor page promises them, so a mark counts only where the certificate or document is wrong anyway.
 */
const deviceRows: readonly DeviceRow[] = [
  {
    product: 'FortiGate',
    certificate: /\b[Ff]orti([Gg]ate|[Nn]et)\b|\bFG(T|VM|\d{2,4}[A-F])\w*/,
    page: /\bForti(Gate|Net|OS|Lab)\b|\bxxxxxxxx-xxxxx\b/i,
  },
  {
    product: 'Palo Alto Networks firewall',
    certificate: /\bPalo Alto Networks\b|\bPAN-OS\b/i,
    page: /\bPalo Alto Networks\b|\bGlobalProtect\b/i,
  },
  { product: 'pfSense', certificate: /\bpfSense\b/i, page: /\bpfSense\b/i },
  { product: 'OPNsense', certificate: /\bOPNsense\b/i, page: /\bOPNsense\b/i },
  { product: 'Sophos firewall', certificate: /\bSophos\b|\bSophosApplianceCertificate/i, page: /\bSophos\b/i },
  { product: 'SonicWall', certificate: /\bSonicWALL\b/i, page: /\bSonicWALL\b/i },
  { product: 'WatchGuard Firebox', certificate: /\bWatchGuard\b|\bFireware\b/i, page: /\bWatchGuard\b|\bFireware\b/i },
  { product: 'Check Point gateway', certificate: /\bCheck ?Point\b/i, page: /\bCheck ?Point\b|\bGaia Portal\b/i },
  {
    product: 'Cisco device',
    certificate: /\bCisco\b|\bIOS-Self-Signed-Certificate/i,
    page: /\bCisco\b|\bcisco-IOS\b/i,
  },
  { product: 'Juniper device', certificate: /\bJuniper\b/i, page: /\bJuniper\b|\bJ-Web\b/i },
  { product: 'MikroTik RouterOS', certificate: /\bMikroTik\b/i, page: /\bRouterOS\b|\bMikroTik\b/i },
  { product: 'UniFi console', certificate: /\bUniFi\b|\bUbiquiti\b/i, page: /\bUniFi\b/i },
  { product: 'AVM FRITZ!Box', certificate: /\bfritz\.box\b/i, page: /\bFRITZ!Box\b/i },
  { product: 'F5 BIG-IP', certificate: /\bBIG-?IP\b|\bMyCompany\b.*\blocalhost\.localdomain\b/i, page: /\bBIG-IP\b/i },
  { product: 'Citrix NetScaler', certificate: /\bNetScaler\b|\bCitrix ANG\b/i, page: /\b(NetScaler|Citrix ADC)\b/i },
  { product: 'HPE iLO', certificate: /\biLO\b|\bILO[A-Z0-9]{8,}\b/, page: /\biLO \d\b|\bHPE? iLO\b/i },
  { product: 'Dell iDRAC', certificate: /\biDRAC/i, page: /\biDRAC/i },
  { product: 'Lenovo XClarity', certificate: /\bXClarity\b|\bXCC-/i, page: /\bXClarity\b/i },
  { product: 'Supermicro BMC', certificate: /\bSuper ?Micro\b/i, page: /\bSuper ?Micro\b|\bATEN International\b/i },
  { product: 'VMware ESXi or vCenter', certificate: /\bVMware\b/i, page: /\bVMware\b|\bvSphere\b/i },
  { product: 'Proxmox', certificate: /\bProxmox\b/i, page: /\bProxmox\b/i },
  { product: 'Synology DiskStation', certificate: /\bSynology\b/i, page: /\bSynology\b|\bDiskStation\b/i },
  { product: 'QNAP NAS', certificate: /\bQNAP\b/i, page: /\bQNAP\b|\bQTS\b/i },
  {
    product: 'a printer',
    certificate: /\bHP (Inc|Jetdirect)\b|\bKYOCERA\b|\bLexmark\b/i,
    page: /\bLaserJet\b|\bKYOCERA\b|\bLexmark\b/i,
  },
]

/** The product that made a certificate by itself, by the marks in its subject and issuer. */
export function deviceOfCertificate({ chain }: TlsHandshake): string | undefined {
  const leaf = chain[0]
  if (leaf === undefined) return undefined
  const text = `${leaf.subject}\n${leaf.issuer}`
  return deviceRows.find(({ certificate }) => certificate?.test(text))?.product
}

/** The product whose page or server answered. */
export function deviceOfPage({ body, headers }: HttpExchange): string | undefined {
  const text = `${body.title ?? ''}\n${headers['server'] ?? ''}`
  return deviceRows.find(({ page }) => page?.test(text))?.product
}
