/** The stores that a chain can end in: Microsoft's published roots are judged by fingerprint, later and purely. */
export type TrustStore = 'node' | 'machine' | 'site'

/** What a certificate says about itself; everything that the judgement of a chain needs, and no key. */
export interface CertificateFacts {
  /** Distinguished name, RFC 4514 order, such as `CN=login.microsoftonline.com,O=Microsoft Corporation,C=US`. */
  readonly subject: string
  readonly issuer: string
  /** Lower-case hexadecimal without separators. */
  readonly serial: string
  /** Upper-case hexadecimal without separators. */
  readonly sha1: string
  readonly sha256: string
  readonly notBefore: string
  readonly notAfter: string
  /** `dns:` and `ip:` entries of the subjectAltName, each with its prefix: the first 64. */
  readonly subjectAltNames: readonly string[]
  /** How many entries there are, where that is more than are kept. */
  readonly subjectAltNameCount?: number
  /**
   * What the key may be used for (extendedKeyUsage, RFC 5280 §4.2.1.12), as object identifiers: `1.3.6.1.5.5.7.3.1`. Absent
   * where nothing limits it, and of a CA: there it speaks of what is issued.
   */
  readonly extendedKeyUsage?: readonly string[]
  /** CA Issuers addresses of the authorityInfoAccess extension. */
  readonly caIssuers: readonly string[]
  readonly selfSigned: boolean
  /** Kind of the key (`rsa`, `ec`) and, of one that is measured by its modulus, the bits of that; else its curve (`P-256`). */
  readonly key?: { readonly type: string; readonly bits?: number; readonly curve?: string }
  /** How it was signed, in the words of OpenSSL: `sha256WithRSAEncryption`. */
  readonly signature?: string
  /** How it was had: sent in the handshake, fetched by AIA, or found in a trust store. */
  readonly from: 'handshake' | 'aia' | TrustStore
}
