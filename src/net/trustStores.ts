import type { X509Certificate } from 'node:crypto'
import { getCACertificates, rootCertificates } from 'node:tls'
import type { TrustStore } from '../model/certificateFacts.ts'
import { hasSigned } from './certificateFacts.ts'
import { readPem } from './readPem.ts'

/** PEM texts of the roots that a chain may end in. A store that is not given is read from the platform when first asked. */
export interface TrustMaterial {
  /** CAs that are legitimate at this site, besides the public ones. */
  readonly site: readonly string[]
  /** Default: the operating system's store, and what NODE_EXTRA_CA_CERTS adds to it. */
  readonly machine?: readonly string[]
  /** Default: the roots that come with Node, which are Mozilla's. */
  readonly node?: readonly string[]
}

/** A certificate that one or more stores trust. */
export interface Anchor {
  readonly certificate: X509Certificate
  readonly stores: readonly TrustStore[]
}

export interface TrustStores {
  /** Reads the stores now, and not at the first certificate that is followed. */
  read(): void
  /** The stores that hold this very certificate. */
  holding(certificate: X509Certificate): readonly TrustStore[]
  /** The trusted certificates that name and have signed this one. */
  issuersOf(certificate: X509Certificate): readonly Anchor[]
}

/**
 * The stores, read when they are first asked: the machine's own costs tens of milliseconds.
 *
 * @throws Error when a certificate of the site cannot be read
 */
export function createTrustStores(material: TrustMaterial): TrustStores {
  const site = siteCertificates(material.site)
  const index: { read?: Index } = {}
  const indexed = (): Index => {
    if (index.read !== undefined) return index.read
    const read: Parsed = new Map()
    index.read = indexOf([
      ...site.map((certificate) => ({ certificate, store: 'site' as const })),
      ...trusted('machine', material.machine ?? [...getCACertificates('system'), ...getCACertificates('extra')], read),
      ...trusted('node', material.node ?? rootCertificates, read),
    ])
    return index.read
  }
  return {
    read: () => void indexed(),
    holding: (certificate) => indexed().byFingerprint.get(certificate.fingerprint256)?.stores ?? [],
    issuersOf: (certificate) =>
      (indexed().bySubject.get(nameKey(certificate.issuer)) ?? []).filter((anchor) =>
        hasSigned(anchor.certificate, certificate),
      ),
  }
}

interface Trusted {
  readonly certificate: X509Certificate
  readonly store: TrustStore
}

interface Index {
  readonly byFingerprint: ReadonlyMap<string, Anchor>
  readonly bySubject: ReadonlyMap<string, readonly Anchor[]>
}

function siteCertificates(texts: readonly string[]): readonly X509Certificate[] {
  return texts.flatMap((text, position) => {
    const { certificates, unreadable } = readPem(text)
    if (unreadable > 0 || certificates.length === 0) {
      throw new Error(`trust.site[${position}]: ${certificates.length} certificates read, ${unreadable} unreadable`)
    }
    return certificates
  })
}

/** What was parsed before, by its text without the white space in which stores differ. */
type Parsed = Map<string, readonly X509Certificate[]>

/**
 * A system store may hold what OpenSSL cannot read, and most of its entries several times: the first are passed over.
 *
 * @param read most roots stand in both stores, and parsing them is what takes the time
 */
function trusted(store: TrustStore, texts: readonly string[], read: Parsed): readonly Trusted[] {
  return [...new Set(texts)].flatMap((text) => {
    const bare = text.replaceAll(/\s+/g, '')
    const certificates = read.get(bare) ?? readPem(text).certificates
    read.set(bare, certificates)
    return certificates.map((certificate) => ({ certificate, store }))
  })
}

function indexOf(all: readonly Trusted[]): Index {
  const byFingerprint = new Map<string, Anchor>()
  for (const [fingerprint, same] of Map.groupBy(all, ({ certificate }) => certificate.fingerprint256)) {
    const [first] = same
    if (first === undefined) continue
    const stores = [...new Set(same.map(({ store }) => store))]
    byFingerprint.set(fingerprint, { certificate: first.certificate, stores })
  }
  const bySubject = Map.groupBy(byFingerprint.values(), ({ certificate }) => nameKey(certificate.subject))
  return { byFingerprint, bySubject }
}

/** Names that RFC 5280 §7.1 calls equal differ in case and blanks at most; a signature decides in the end. */
function nameKey(name: string): string {
  return name.toLowerCase().replaceAll(/[ \t]+/g, ' ')
}
