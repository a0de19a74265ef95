import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate that a test made, with the key that belongs to it. */
export interface MadeCertificate {
  readonly pem: string
  readonly keyPem: string
  readonly der: Uint8Array
  /** What a certificate of it is signed with. */
  readonly issuing: { readonly name: string; readonly key: CryptoKey; readonly publicKey: CryptoKey }
}

export interface CertificateWish {
  /** RDNs in the order in which they are encoded, the outermost first: `C=US,O=Test,CN=…`. */
  readonly subject: string
  /** Absent: the certificate signs itself. */
  readonly issuer?: MadeCertificate
  readonly ca?: boolean
  /** Default: none. */
  readonly names?: readonly { readonly type: 'dns' | 'ip' | 'url' | 'email'; readonly value: string }[]
  readonly caIssuers?: readonly string[]
  /** Where its state is told: lists, and responders. */
  readonly crl?: readonly string[]
  readonly ocsp?: readonly string[]
  /** May sign a responder's answers. */
  readonly signsOcsp?: boolean
  /** Names the purpose of a TLS server; others have no purpose, which is any. */
  readonly servesTls?: boolean
  /** Purposes by their object identifiers. */
  readonly purposes?: readonly string[]
  /** Default: an hour ago to a day ahead. */
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Certifies the key of another certificate: a renewal, or a cross-certificate. Default: a key of its own. */
  readonly keysOf?: MadeCertificate
  /** Signs with a key of its own instead of the issuer's: the signature will not verify. */
  readonly forged?: boolean
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hourMs = 3_600_000

/** Makes a certificate as wished. */
export async function makeCertificate(wish: CertificateWish): Promise<MadeCertificate> {
  x509.cryptoProvider.set(webcrypto)
  const keys =
    wish.keysOf === undefined
      ? await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      : { privateKey: wish.keysOf.issuing.key, publicKey: wish.keysOf.issuing.publicKey }
  const signingKeys = wish.forged === true ? await webcrypto.subtle.generateKey(algorithm, true, ['sign']) : undefined
  const certificate = await x509.X509CertificateGenerator.create({
    subject: wish.subject,
    issuer: wish.issuer?.issuing.name ?? wish.subject,
    notBefore: wish.notBefore ?? new Date(Date.now() - hourMs),
    notAfter: wish.notAfter ?? new Date(Date.now() + 24 * hourMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signingKeys?.privateKey ?? wish.issuer?.issuing.key ?? keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(wish.ca === true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(wish.issuer?.issuing.publicKey ?? keys.publicKey),
      ...(wish.names === undefined ? [] : [new x509.SubjectAlternativeNameExtension([...wish.names])]),
      ...(wish.caIssuers === undefined && wish.ocsp === undefined
        ? []
        : [
            new x509.AuthorityInfoAccessExtension({
              caIssuers: [...(wish.caIssuers ?? [])],
              ocsp: [...(wish.ocsp ?? [])],
            }),
          ]),
      ...(wish.crl === undefined ? [] : [new x509.CRLDistributionPointsExtension([...wish.crl])]),
      ...(wish.signsOcsp === true ? [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.ocspSigning])] : []),
      ...(wish.purposes === undefined ? [] : [new x509.ExtendedKeyUsageExtension([...wish.purposes])]),
      ...(wish.servesTls === true ? [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])] : []),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    pem: `${certificate.toString('pem')}\n`,
    keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    der: new Uint8Array(certificate.rawData),
    issuing: { name: certificate.subject, key: keys.privateKey, publicKey: keys.publicKey },
  }
}

/** A root, an intermediate below it, and a leaf for `localhost` below that: what most tests need. */
export async function makeChain(leaf: Partial<CertificateWish> = {}): Promise<{
  readonly root: MadeCertificate
  readonly intermediate: MadeCertificate
  readonly leaf: MadeCertificate
}> {
  const root = await makeCertificate({ subject: 'O=Test,CN=Test Root', ca: true })
  const intermediate = await makeCertificate({ subject: 'O=Test,CN=Test Issuing CA', issuer: root, ca: true })
  const made = await makeCertificate({
    subject: 'CN=localhost',
    issuer: intermediate,
    names: [{ type: 'dns', value: 'localhost' }],
    ...leaf,
  })
  return { root, intermediate, leaf: made }
}

export interface ListWish {
  /** Serial numbers as hexadecimal, with the number of the reason. */
  readonly revoked?: readonly { readonly serial: string; readonly at: Date; readonly reason?: number }[]
  /** Default: an hour ago to a day ahead. */
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
  /** Signs with a key of its own: the signature will not verify. */
  readonly forged?: boolean
}

/** A certificate revocation list of an authority, as DER. */
export async function makeRevocationList(issuer: MadeCertificate, wish: ListWish = {}): Promise<Uint8Array> {
  x509.cryptoProvider.set(webcrypto)
  const forged = wish.forged === true ? await webcrypto.subtle.generateKey(algorithm, true, ['sign']) : undefined
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.issuing.name,
    thisUpdate: wish.thisUpdate ?? new Date(Date.now() - hourMs),
    nextUpdate: wish.nextUpdate ?? new Date(Date.now() + 24 * hourMs),
    signingAlgorithm: algorithm,
    signingKey: forged?.privateKey ?? issuer.issuing.key,
    entries: (wish.revoked ?? []).map(({ serial, at, reason }) => ({
      serialNumber: serial,
      revocationDate: at,
      ...(reason !== undefined && { reason }),
    })),
  })
  return new Uint8Array(list.rawData)
}
