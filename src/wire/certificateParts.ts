import type { Element } from './der.ts'
import { element, elements, objectIdentifier, tags } from './der.ts'

/** What a question for the state of a certificate is made of, and where its issuer says that it is answered. */
export interface CertificateParts {
  /** DER of the issuer's name, as the certificate has it. */
  readonly issuer: Uint8Array
  /** DER of its own name. */
  readonly subject: Uint8Array
  /** Contents of the INTEGER, leading zero included. */
  readonly serial: Uint8Array
  /** The bits of subjectPublicKey, without tag, length and count of unused bits: what RFC 6960 §4.1.1 hashes. */
  readonly keyBits: Uint8Array
  /** Addresses of the list (RFC 5280 §4.2.1.13) and of the responder (§4.2.2.1), those of HTTP only, at most 8 each. */
  readonly crl: readonly string[]
  readonly ocsp: readonly string[]
  /** May sign answers for its issuer (RFC 6960 §4.2.2.2). */
  readonly signsOcsp: boolean
}

const crlDistributionPoints = '2.5.29.31'
const authorityInfoAccess = '1.3.6.1.5.5.7.1.1'
const extendedKeyUsage = '2.5.29.37'
const ocspSigning = '1.3.6.1.5.5.7.3.9'
const ocspAccess = '1.3.6.1.5.5.7.48.1'
/** uniformResourceIdentifier of a GeneralName (RFC 5280 §4.2.1.6). */
const uri = 0x86
const mostAddresses = 8
const deepestAddress = 8
const longestAddress = 2048

/** @returns undefined when the octets are no certificate (RFC 5280 §4.1); never throws */
export function certificateParts(der: Uint8Array): CertificateParts | undefined {
  const outer = element(der, 0, der.length)
  const tbs = outer && element(der, outer.from, outer.to)
  if (tbs?.tag !== tags.sequence) return undefined
  const fields = [...elements(der, tbs.from, tbs.to)]
  if (fields[0]?.tag === tags.context(0)) fields.shift()
  const [serial, , issuer, , subject, key] = fields
  if (serial?.tag !== tags.integer || issuer === undefined || subject === undefined || key === undefined)
    return undefined
  const bits = [...elements(der, key.from, key.to)].at(-1)
  if (bits?.tag !== tags.bitString) return undefined
  const wrapper = fields.find(({ tag }) => tag === tags.context(3))
  const extensions = wrapper === undefined ? [] : extensionsOf(der, wrapper)
  const extension = (wanted: string): Element | undefined => extensions.find(({ id }) => id === wanted)?.value
  return {
    issuer: der.subarray(issuer.start, issuer.to),
    subject: der.subarray(subject.start, subject.to),
    serial: der.subarray(serial.from, serial.to),
    keyBits: der.subarray(bits.from + 1, bits.to),
    crl: httpAddresses(urisIn(der, extension(crlDistributionPoints))),
    ocsp: httpAddresses(accessUris(der, extension(authorityInfoAccess))),
    signsOcsp: identifiersIn(der, extension(extendedKeyUsage)).includes(ocspSigning),
  }
}

function extensionsOf(der: Uint8Array, wrapper: Element): readonly { readonly id: string; readonly value: Element }[] {
  const list = element(der, wrapper.from, wrapper.to)
  if (list === undefined) return []
  return [...elements(der, list.from, list.to)].flatMap((extension) => {
    const parts = [...elements(der, extension.from, extension.to)]
    const [id] = parts
    const octets = parts.at(-1)
    if (id?.tag !== tags.objectIdentifier || octets?.tag !== tags.octetString) return []
    const value = element(der, octets.from, octets.to)
    return value === undefined ? [] : [{ id: objectIdentifier(der, id), value }]
  })
}

/** Addresses of an extension: a distribution point wraps its own in a list, itself and two choices. */
function urisIn(der: Uint8Array, within: Element | undefined, depth = 0): readonly string[] {
  if (within === undefined || depth > deepestAddress) return []
  if (within.tag === uri) return [textOf(der, within)]
  // Only what is constructed (bit 6 of the tag) holds elements.
  if ((within.tag & 0x20) === 0) return []
  return [...elements(der, within.from, within.to)].flatMap((inner) => urisIn(der, inner, depth + 1))
}

function accessUris(der: Uint8Array, list: Element | undefined): readonly string[] {
  if (list === undefined) return []
  return [...elements(der, list.from, list.to)].flatMap((description) => {
    const [method, location] = elements(der, description.from, description.to)
    if (method === undefined || objectIdentifier(der, method) !== ocspAccess) return []
    return urisIn(der, location)
  })
}

function identifiersIn(der: Uint8Array, list: Element | undefined): readonly string[] {
  if (list === undefined) return []
  return [...elements(der, list.from, list.to)].map((identifier) => objectIdentifier(der, identifier))
}

function httpAddresses(addresses: readonly string[]): readonly string[] {
  return addresses
    .filter((address) => /^http:\/\//i.test(address) && address.length <= longestAddress && URL.canParse(address))
    .slice(0, mostAddresses)
}

function textOf(der: Uint8Array, { from, to }: Element): string {
  return String.fromCharCode(...der.subarray(from, Math.min(to, from + longestAddress + 1)))
}
