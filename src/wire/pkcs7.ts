/** One element of DER (X.690 §8.1): where its contents lie, and where the next begins. */
interface Element {
  readonly tag: number
  readonly from: number
  readonly to: number
}

const sequence = 0x30
const set = 0x31
const objectIdentifier = 0x06
const context0 = 0xa0
/** id-signedData, 1.2.840.113549.1.7.2 */
const signedData = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02)

/**
 * Takes the certificates out of a certs-only CMS message (`application/pkcs7-mime`, RFC 5652 §5.1 and RFC 5280
 * §4.2.2.1), each as DER, in the order in which they stand.
 *
 * @returns undefined when the octets are no such message; never throws
 */
export function pkcs7Certificates(octets: Uint8Array): readonly Uint8Array[] | undefined {
  const contentInfo = element(octets, 0, octets.length)
  if (contentInfo?.tag !== sequence) return undefined
  const type = element(octets, contentInfo.from, contentInfo.to)
  if (type?.tag !== objectIdentifier || !isSame(octets.subarray(type.from, type.to), signedData)) return undefined
  const content = element(octets, type.to, contentInfo.to)
  if (content?.tag !== context0) return undefined
  const signed = element(octets, content.from, content.to)
  if (signed?.tag !== sequence) return undefined
  // SignedData is version, digestAlgorithms, encapContentInfo, and then the certificates as an implicit [0].
  const version = element(octets, signed.from, signed.to)
  const algorithms = version && element(octets, version.to, signed.to)
  const encapsulated = algorithms?.tag === set ? element(octets, algorithms.to, signed.to) : undefined
  const certificates = encapsulated && element(octets, encapsulated.to, signed.to)
  if (certificates?.tag !== context0) return undefined
  const found: Uint8Array[] = []
  for (let offset = certificates.from; ; ) {
    const certificate = element(octets, offset, certificates.to)
    if (certificate === undefined) return found
    if (certificate.tag === sequence) found.push(octets.subarray(offset, certificate.to))
    offset = certificate.to
  }
}

/** The element that begins at `offset`; undefined where there is none, or where it does not end before `end`. */
function element(octets: Uint8Array, offset: number, end: number): Element | undefined {
  const tag = octets[offset]
  const first = octets[offset + 1]
  if (tag === undefined || first === undefined || offset + 2 > end) return undefined
  const longForm = first > 0x80
  const lengthOctets = longForm ? first - 0x80 : 0
  // The indefinite length of BER (0x80) is not read, and 4 octets of length are more than any answer is long.
  if (first === 0x80 || lengthOctets > 4) return undefined
  const from = offset + 2 + lengthOctets
  let length = longForm ? 0 : first
  for (const octet of octets.subarray(offset + 2, from)) length = length * 256 + octet
  const to = from + length
  return from <= end && to <= end ? { tag, from, to } : undefined
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index])
}
