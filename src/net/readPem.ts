import { X509Certificate } from 'node:crypto'

const block = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

/** Certificates read from PEM text (RFC 7468 §5), in order, and how many blocks could not be read. */
export interface PemCertificates {
  readonly certificates: readonly X509Certificate[]
  readonly unreadable: number
}

/**
 * Reads the certificate blocks of a text; what stands around and between them is explanation, and is passed over.
 *
 * @param most how many blocks are read, 0 or more; default all
 */
export function readPem(text: string, most: number = Number.POSITIVE_INFINITY): PemCertificates {
  const certificates: X509Certificate[] = []
  let unreadable = 0
  for (const [pem] of text.matchAll(block).take(most)) {
    try {
      certificates.push(new X509Certificate(pem))
    } catch {
      unreadable += 1
    }
  }
  return { certificates, unreadable }
}
