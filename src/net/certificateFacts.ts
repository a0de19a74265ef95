import type { X509Certificate } from 'node:crypto'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import { canonicalAddress } from '../model/cidr.ts'

/** What a certificate says of itself, before it is known how it was had. Never throws, whatever the certificate holds. */
export function certificateFacts(certificate: X509Certificate): Omit<CertificateFacts, 'from'> {
  const { subject, issuer } = certificate
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    serial: cut(certificate.serialNumber.toLowerCase()),
    sha1: hexadecimal(certificate.fingerprint),
    sha256: hexadecimal(certificate.fingerprint256),
    notBefore: instant(certificate.validFrom),
    notAfter: instant(certificate.validTo),
    ...keptNames(subjectAltNames(certificate.subjectAltName)),
    ...usages(certificate),
    caIssuers: caIssuers(certificate.infoAccess)
      .filter(({ length }) => length <= longestUrl)
      .slice(0, mostAddresses),
    selfSigned: isSelfSigned(certificate),
    ...keyOf(certificate),
    ...(certificate.signatureAlgorithm !== undefined && { signature: certificate.signatureAlgorithm }),
  }
}

/** What OpenSSL calls the curves that FIPS 186-5 has other names for. */
const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

/** Nothing of a key that the platform cannot read. */
function keyOf(certificate: X509Certificate): Pick<CertificateFacts, 'key'> {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
    const bits = asymmetricKeyDetails?.modulusLength
    const named = asymmetricKeyDetails?.namedCurve
    const curve = named === undefined ? undefined : (curves[named] ?? named)
    if (asymmetricKeyType === undefined) return {}
    return {
      key: { type: asymmetricKeyType, ...(bits !== undefined && { bits }), ...(curve !== undefined && { curve }) },
    }
  } catch {
    return {}
  }
}

/** Servers of many names have some dozens; what is beyond is counted, so that no certificate fills a report. */
const mostNames = 64
/** A CA names one or two places, and an LDAP one beside them. */
const mostAddresses = 8
/** Certificates of the field have one to five; one of more than this is made to fill a report. */
const mostUsages = 32
/** DNS ends at 253 octets, X.520 a part of a name at 64, RFC 5280 a serial number at 20 octets. In characters. */
const longestName = 256
const longestText = 1024
const longestUrl = 2048

function keptNames(names: readonly string[]): Pick<CertificateFacts, 'subjectAltNames' | 'subjectAltNameCount'> {
  return {
    subjectAltNames: names.slice(0, mostNames).map((name) => cut(name, longestName)),
    ...(names.length > mostNames && { subjectAltNameCount: names.length }),
  }
}

/** Nothing of a list that is not kept whole: what is missing may be what it is asked for. */
function usages({ ca, keyUsage }: X509Certificate): Pick<CertificateFacts, 'extendedKeyUsage'> {
  // Whatever the types of the platform say: it is undefined where there is no extension, or none that can be read.
  const named: readonly string[] | undefined = keyUsage
  if (ca || named === undefined || named.length === 0 || named.length > mostUsages) return {}
  return { extendedKeyUsage: named.map((one) => cut(one, longestName)) }
}

function cut(text: string, longest = longestText): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

/** Whether a certificate's own key signed it: a root, or an appliance's invention. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  // Its own extensions may say that it signs no certificates, this one included: the signature alone decides.
  return certificate.subject === certificate.issuer && verifies(certificate, certificate)
}

/** Whether `issuer` names, and by its key signed, `certificate`. A key that cannot be used has signed nothing. */
export function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && verifies(issuer, certificate)
  } catch {
    return false
  }
}

function verifies(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** The platform writes one RDN a line, the outermost first, values escaped; RFC 4514 wants the innermost first. */
function distinguishedName(lines: string | undefined): string {
  if (lines === undefined) return ''
  const rdns = lines.split('\n').map((rdn) => rdn.replaceAll(' + ', '+'))
  return cut(rdns.reverse().join(','))
}

function hexadecimal(fingerprint: string): string {
  return fingerprint.replaceAll(':', '')
}

/** ISO 8601; a date that is none stays as it was written, so that the report shows it. */
function instant(date: string): string {
  const ms = Date.parse(date)
  return Number.isNaN(ms) ? date : new Date(ms).toISOString()
}

/** Entries are `Kind:value`, separated by a comma and a blank; a value that could be misread stands as a JSON string. */
const altNameEntry = /(?:^|, )([^:,"]+):("(?:[^"\\]|\\.)*"|[^,]*)/gy

/** Alternative names of DNS and addresses, each with its kind: `dns:a.example`, `ip:192.0.2.1`. */
export function subjectAltNames(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  return [...text.matchAll(altNameEntry)].flatMap(([, kind, written]) => {
    const value = unquoted(written ?? '')
    if (kind === 'DNS') return [`dns:${value.toLowerCase()}`]
    return kind === 'IP Address' ? [`ip:${canonicalAddress(value) ?? value}`] : []
  })
}

function caIssuers(infoAccess: string | undefined): readonly string[] {
  if (infoAccess === undefined) return []
  return infoAccess.split('\n').flatMap((line) => {
    const [, written] = /^CA Issuers - URI:(.*)$/.exec(line) ?? []
    return written === undefined ? [] : [unquoted(written)]
  })
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value
  try {
    return String(JSON.parse(value))
  } catch {
    return value
  }
}
