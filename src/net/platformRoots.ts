import { getCACertificates, rootCertificates } from 'node:tls'
import { readPem } from './readPem.ts'
import type { TrustMaterial } from './trustStores.ts'

/** What tells a certificate from every other; hexadecimal with colons. */
export interface Fingerprints {
  readonly sha1: string
  readonly sha256: string
}

export interface PlatformRoots {
  /** The roots that come with Node, which are Mozilla's. */
  readonly node: readonly Fingerprints[]
  /** The operating system's store, and what NODE_EXTRA_CA_CERTS adds to it. */
  readonly machine: readonly Fingerprints[]
}

/**
 * The stores of this machine, read now: some tens of milliseconds.
 *
 * @param given PEM texts of the machine's; default: the platform's
 */
export function platformRoots({ machine }: Pick<TrustMaterial, 'machine'> = {}): PlatformRoots {
  return {
    node: fingerprintsOf(rootCertificates),
    machine: fingerprintsOf(machine ?? [...getCACertificates('system'), ...getCACertificates('extra')]),
  }
}

function fingerprintsOf(texts: readonly string[]): readonly Fingerprints[] {
  return [...new Set(texts)].flatMap((text) =>
    readPem(text).certificates.map(({ fingerprint, fingerprint256 }) => ({
      sha1: fingerprint,
      sha256: fingerprint256,
    })),
  )
}
