import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { commonName, hostOf, listed, placeOf } from './wording.ts'

/**
 * What makes a certificate one of a TLS server: id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280 §4.2.1.12), and the
 * two of Server Gated Crypto, which OpenSSL still takes for the first.
 */
const forServers: ReadonlySet<string> = new Set([
  '1.3.6.1.5.5.7.3.1',
  '2.5.29.37.0',
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
])

/** What stands in certificates that are taken for a server's, by the names of OpenSSL and of Windows. */
const purposes: Readonly<Record<string, string>> = Object.freeze({
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  '1.3.6.1.5.5.7.3.17': 'IKE of IPsec',
  '1.3.6.1.5.5.8.2.2': 'IKE of IPsec',
  '1.3.6.1.5.2.3.5': 'KDC Authentication',
  '1.3.6.1.4.1.311.20.2.2': 'Smart Card Logon',
  '1.3.6.1.4.1.311.10.3.4': 'Encrypting File System',
  '1.3.6.1.4.1.311.54.1.2': 'Remote Desktop Authentication',
})

/** Purposes that are named. */
const mostNamed = 4

/**
 * A certificate that is trusted and was not issued for a server. Where the extension is absent nothing limits its use, and
 * where nobody vouches for the chain it is not known whose certificate it is.
 */
export function wrongKeyUsage({ shaken, chain, flow }: Seen): Match | undefined {
  const [leaf] = shaken?.chain ?? []
  const usages = leaf?.extendedKeyUsage ?? []
  if (shaken === undefined || leaf === undefined || usages.length === 0) return undefined
  if (usages.some((one) => forServers.has(one))) return undefined
  if (chain?.kind !== 'genuine' && shaken.anchoredIn.length === 0) return undefined
  const names = [...new Set(usages.map((one) => purposes[one] ?? one))]
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  const template = flow.toRole === 'domain-controller' ? ', as the template Kerberos Authentication has it' : ''
  return {
    confidence: 'certain',
    says: `the certificate on ${placeOf(flow)} was issued for ${listed(names.slice(0, mostNamed))}${more}, and not for a TLS server: clients that look at its extended key usage refuse it`,
    fix: `issue a certificate for "${commonName(leaf.subject)}" with serverAuth (1.3.6.1.5.5.7.3.1) in its extended key usage${template}, and let ${hostOf(flow)} present that one`,
    alternatives: [],
    decidedBy: idsOf([shaken]),
  }
}
