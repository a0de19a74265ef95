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
  /** Default: an hour ago to a day ahead. */
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Signs with a key of its own instead of the issuer's: the signature will not verify. */
  readonly forged?: boolean
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hourMs = 3_600_000

/** Makes a certificate as wished; each has a key of its own. */
export async function makeCertificate(wish: CertificateWish): Promise<MadeCertificate> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
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
      ...(wish.caIssuers === undefined
        ? []
        : [new x509.AuthorityInfoAccessExtension({ caIssuers: [...wish.caIssuers] })]),
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
