import { element, elements, tags } from './der.ts'

/** id-signedData, 1.2.840.113549.1.7.2 */
const signedData = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02)

/**
 * Takes the certificates out of a certs-only CMS message (`application/pkcs7-mime`, RFC 5652 §5.1 and RFC 5280
 * §4.2.2.1), each as DER, in the order in which they stand.
 *
 * @param most how many are taken at most; the rest is left out
 * @returns undefined when the octets are no such message; never throws
 */
export function pkcs7Certificates(octets: Uint8Array, most: number): readonly Uint8Array[] | undefined {
  const contentInfo = element(octets, 0, octets.length)
  if (contentInfo?.tag !== tags.sequence) return undefined
  const type = element(octets, contentInfo.from, contentInfo.to)
  if (type?.tag !== tags.objectIdentifier || !isSame(octets.subarray(type.from, type.to), signedData)) return undefined
  const content = element(octets, type.to, contentInfo.to)
  if (content?.tag !== tags.context(0)) return undefined
  const signed = element(octets, content.from, content.to)
  if (signed?.tag !== tags.sequence) return undefined
  // SignedData is version, digestAlgorithms, encapContentInfo, and then the certificates as an implicit [0].
  const version = element(octets, signed.from, signed.to)
  const algorithms = version && element(octets, version.to, signed.to)
  const encapsulated = algorithms?.tag === tags.set ? element(octets, algorithms.to, signed.to) : undefined
  const certificates = encapsulated && element(octets, encapsulated.to, signed.to)
  if (certificates?.tag !== tags.context(0)) return undefined
  const found: Uint8Array[] = []
  for (const { tag, start, to } of elements(octets, certificates.from, certificates.to)) {
    if (found.length >= most) break
    if (tag === tags.sequence) found.push(octets.subarray(start, to))
  }
  return found
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index])
}
