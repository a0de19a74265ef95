import { issuerNamePatterns, issuingCaRows, rootRows } from './tls.ts'

/**
 * Whether a certificate is one of the roots that Microsoft publishes for its services, judged by thumbprint and never
 * by name. Dates are judged apart: a root that has expired is still one of them.
 *
 * @param fingerprints hexadecimal, with or without colons, in either case
 */
export function isMicrosoftRoot(fingerprints: { readonly sha1: string; readonly sha256: string }): boolean {
  const sha1 = plainHex(fingerprints.sha1)
  const sha256 = plainHex(fingerprints.sha256)
  return rootRows.some((root) => root.sha1 === sha1 || root.sha256 === sha256)
}

/**
 * Whether an issuer is named like a CA that issues for Microsoft's services. A name can be copied: it supports a chain
 * that ends in a published root and proves nothing by itself.
 *
 * @param name a common name, or a distinguished name (RFC 4514) whose CN is taken
 */
export function isMicrosoftIssuer(name: string): boolean {
  const commonName = commonNameOf(name) ?? name.trim()
  return (
    issuerNamePatterns.some((pattern) => pattern.test(commonName)) ||
    issuingCaRows.some((row) => row.name === commonName)
  )
}

function plainHex(text: string): string {
  return text.replaceAll(':', '').toUpperCase()
}

/** The CN of a distinguished name, its escapes undone (RFC 4514 §2.4); undefined when there is none. */
function commonNameOf(name: string): string | undefined {
  for (const [part] of name.matchAll(/(?:[^,+\n\\]|\\.)+/gs)) {
    const match = /^\s*CN\s*=(.*)$/is.exec(part)
    if (match) return (match[1] ?? '').replace(/\\(.)/gs, '$1').trim()
  }
  return undefined
}
