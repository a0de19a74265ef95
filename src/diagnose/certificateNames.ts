import type { CertificateFacts } from '../model/certificateFacts.ts'
import { canonicalAddress } from '../model/cidr.ts'
import { canonicalName } from './names.ts'

/**
 * Whether a certificate names a host, by RFC 9525 §6: the subjectAltName alone counts, and a wildcard stands for one
 * whole label.
 *
 * @param host a DNS name, or an IP address in any notation
 * @returns undefined when not every name was kept, and none that was kept is the host's
 */
export function coversHost(
  { subjectAltNames, subjectAltNameCount }: Pick<CertificateFacts, 'subjectAltNames' | 'subjectAltNameCount'>,
  host: string,
): boolean | undefined {
  const address = canonicalAddress(host)
  const covered = subjectAltNames.some((entry) =>
    address === undefined ? isNamedBy(entry, canonicalName(host)) : entry === `ip:${address}`,
  )
  return covered || subjectAltNameCount === undefined ? covered : undefined
}

function isNamedBy(entry: string, name: string): boolean {
  if (!entry.startsWith('dns:')) return false
  const pattern = canonicalName(entry.slice('dns:'.length))
  if (!pattern.startsWith('*.')) return pattern === name
  return name.slice(name.indexOf('.')) === pattern.slice(1)
}

/** The names of a certificate as a sentence tells them: `a.example, b.example and 12 more`. */
export function namesOf({
  subjectAltNames,
  subjectAltNameCount = subjectAltNames.length,
}: Pick<CertificateFacts, 'subjectAltNames' | 'subjectAltNameCount'>): string {
  const shown = subjectAltNames.slice(0, mostShown).map((entry) => entry.replace(/^(dns|ip):/, ''))
  const more = subjectAltNameCount - shown.length
  if (more > 0) return `${shown.join(', ')} and ${more} more`
  const last = shown.pop() ?? ''
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`
}

const mostShown = 4
