import type { webcrypto } from 'node:crypto'
import { KeyObject } from 'node:crypto'
import type * as X509 from '@peculiar/x509'
import { loadX509 } from './loadX509.ts'
import { ocspAnswer } from './ocspAnswer.ts'

const dayMs = 86_400_000
const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const weak = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 1024,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
} as const

/** The CRL number extension (RFC 5280 §5.2.3) and its value, an INTEGER 1 in DER. */
const crlNumber = '2.5.29.20'
const firstNumber = Uint8Array.of(2, 1, 1)

/** The authorities of the small network, and which of them this site and its machines know. */
const authorities = {
  root: { name: 'CN=Postern Lab Root CA, O=Postern Lab', signedBy: 'itself', pathLength: 1 },
  issuing: { name: 'CN=Postern Lab Issuing CA 1, O=Postern Lab', signedBy: 'root', pathLength: 0 },
  inspector: { name: 'CN=Corp TLS Inspection CA, O=Corp Example', signedBy: 'itself', pathLength: 0 },
  /** An inspector as it comes out of its box. */
  gateway: { name: 'CN=FortiGate CA, O=Fortinet Lab Stand-in', signedBy: 'itself', pathLength: 0 },
  /** The company's own CA, in whose name stands that of a product. */
  namesake: { name: 'CN=Barracuda Works Issuing CA 2, O=Corp Example', signedBy: 'root', pathLength: 0 },
  stranger: { name: 'CN=Corp Forgotten Root CA, O=Corp Example', signedBy: 'itself', pathLength: 0 },
} as const satisfies Record<string, { name: string; signedBy: string; pathLength: number }>

export type AuthorityId = keyof typeof authorities

interface CertificateRow {
  /** Who signs; `itself` for a device that made its own certificate. */
  readonly signedBy: AuthorityId | 'itself'
  /** What the server sends after its own certificate. */
  readonly sends: readonly AuthorityId[]
  /** First and last day of validity, counted from the lab's clock. */
  readonly days: readonly [first: number, last: number]
  /** A name that stands in the certificate whatever was asked for. */
  readonly name?: string
  /** `false`: the certificate does not say where its issuer is to be had. */
  readonly namesIssuer?: false
  /** A key that is too short for today: RSA with 1024 bits. */
  readonly key?: 'rsa-1024'
  /** What it was issued for, if not for a server; `any`: it does not say. */
  readonly purpose?: 'client' | 'any'
  /** The subject, when it is not the name. */
  readonly subject?: string
  /** Who tells that it was revoked, a day after it was issued. */
  readonly revokedIn?: 'list' | 'responder'
}

/** What a server of the small network can present: one way to be right, and one row for each way to be wrong. */
const certificateRows = {
  genuine: { signedBy: 'issuing', sends: ['issuing'], days: [-1, 89] },
  expired: { signedBy: 'issuing', sends: ['issuing'], days: [-92, -2] },
  'not-yet-valid': { signedBy: 'issuing', sends: ['issuing'], days: [2, 92] },
  'wrong-name': { signedBy: 'issuing', sends: ['issuing'], days: [-1, 89], name: 'intranet.corp.example' },
  'private-root': { signedBy: 'stranger', sends: ['stranger'], days: [-1, 89] },
  incomplete: { signedBy: 'issuing', sends: [], days: [-1, 89] },
  orphaned: { signedBy: 'issuing', sends: [], days: [-1, 89], namesIssuer: false },
  'weak-key': { signedBy: 'issuing', sends: ['issuing'], days: [-1, 89], key: 'rsa-1024' },
  'of-a-client': { signedBy: 'issuing', sends: ['issuing'], days: [-1, 89], purpose: 'client' },
  'of-any-purpose': { signedBy: 'issuing', sends: ['issuing'], days: [-1, 89], purpose: 'any' },
  'self-signed': { signedBy: 'itself', sends: [], days: [-1, 89] },
  inspected: { signedBy: 'inspector', sends: ['inspector'], days: [-1, 89] },
  'inspected-by-product': { signedBy: 'gateway', sends: ['gateway'], days: [-1, 89] },
  namesake: { signedBy: 'namesake', sends: ['namesake'], days: [-1, 89] },
  'revoked-in-list': { signedBy: 'issuing', sends: ['issuing'], days: [-9, 81], revokedIn: 'list' },
  'revoked-at-responder': { signedBy: 'issuing', sends: ['issuing'], days: [-9, 81], revokedIn: 'responder' },
  console: {
    signedBy: 'itself',
    sends: [],
    days: [-400, 3250],
    name: 'FGT60F-CONSOLE',
    subject: 'CN=FGT60F-CONSOLE, OU=Firewall, O=Fortinet Lab Stand-in',
  },
} as const satisfies Record<string, CertificateRow>

export type CertificateKind = keyof typeof certificateRows

/** What a TLS server needs: its key, and the chain it sends, leaf first. */
export interface KeyAndChain {
  readonly keyPem: string
  readonly chainPem: string
  readonly leafPem: string
}

/**
 * How an authority tells of its certificates: as it should, by what should have been replaced yesterday, by a key that
 * is not its own, or of something that was not asked for.
 */
export type Publishing = 'usual' | 'stale' | 'forged' | 'other'

export interface PkiOptions {
  readonly clock: () => number
  /** Where relying parties find revocation lists and missing issuers: an HTTP address without a trailing slash. */
  readonly publishedAt: string
}

/**
 * A public key infrastructure in memory (RFC 5280): keys are ECDSA P-256, made by WebCrypto, gone with the process.
 * End certificates are made when a name is first asked for, and kept.
 */
export interface Pki {
  /** The root that the site file trusts. */
  readonly rootPem: string
  /** An authority's own certificate. */
  certificatePem(authority: AuthorityId): string
  /** The same as DER, as an AIA address serves it. */
  certificateDer(authority: AuthorityId): Uint8Array
  /** A CRL of the authority, valid for a week (RFC 5280 §5), as DER; `other`: the list of another authority. */
  revocationList(authority: AuthorityId, how?: Publishing): Promise<Uint8Array>
  /** The authority's own answer to a request (RFC 6960), as DER; undefined when the octets are no request. */
  ocspAnswer(authority: AuthorityId, request: Uint8Array, how?: Publishing): Promise<Uint8Array | undefined>
  /** A certificate for a name, of the kind wanted. */
  certificate(kind: CertificateKind, name: string): Promise<KeyAndChain>
}

interface Authority {
  readonly keys: webcrypto.CryptoKeyPair
  readonly certificate: X509.X509Certificate
}

export async function openPki(options: PkiOptions): Promise<Pki> {
  const x509 = await loadX509()
  const madeAt = Math.floor(options.clock() / 1000) * 1000
  const day = (count: number) => new Date(madeAt + count * dayMs)

  const purposes = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth } as const

  const newKeys = () => crypto.subtle.generateKey(signing, true, ['sign', 'verify'])
  const newWeakKeys = () => crypto.subtle.generateKey(weak, true, ['sign', 'verify'])

  async function openAuthority(id: AuthorityId, issuer?: Authority): Promise<Authority> {
    const keys = await newKeys()
    const { name, pathLength } = authorities[id]
    const validity = { notBefore: day(-400), notAfter: day(issuer ? 1000 : 3000), signingAlgorithm: signing }
    const extensions = [
      new x509.BasicConstraintsExtension(true, pathLength, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate), ...published('root')] : []),
    ]
    const certificate = issuer
      ? await x509.X509CertificateGenerator.create({
          ...validity,
          subject: name,
          issuer: issuer.certificate.subject,
          publicKey: keys.publicKey,
          signingKey: issuer.keys.privateKey,
          extensions,
        })
      : await x509.X509CertificateGenerator.createSelfSigned({ ...validity, name, keys, extensions })
    return { keys, certificate }
  }

  /** Where an authority's list and certificate are to be had; only the lab's own publish any. */
  function published(authority: AuthorityId): X509.Extension[] {
    if (authority !== 'root' && authority !== 'issuing') return []
    return [
      new x509.CRLDistributionPointsExtension([`${options.publishedAt}/crl/${authority}.crl`]),
      new x509.AuthorityInfoAccessExtension({
        caIssuers: [new x509.GeneralName('url', `${options.publishedAt}/aia/${authority}.crt`)],
        ocsp: [new x509.GeneralName('url', `${options.publishedAt}/ocsp/${authority}`)],
      }),
    ]
  }

  const [root, inspector, gateway, stranger] = await Promise.all([
    openAuthority('root'),
    openAuthority('inspector'),
    openAuthority('gateway'),
    openAuthority('stranger'),
  ])
  const [issuing, namesake] = await Promise.all([openAuthority('issuing', root), openAuthority('namesake', root)])
  const authority = {
    root,
    inspector,
    gateway,
    stranger,
    issuing,
    namesake,
  } as const satisfies Record<AuthorityId, Authority>

  async function makeCertificate(kind: CertificateKind, asked: string): Promise<KeyAndChain> {
    const row: CertificateRow = certificateRows[kind]
    const keys = await (row.key === undefined ? newKeys() : newWeakKeys())
    const name = row.name ?? asked
    const subject = row.subject ?? `CN=${name}, O=Postern Lab`
    const extensions = [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...(row.purpose === 'any' ? [] : [new x509.ExtendedKeyUsageExtension([purposes[row.purpose ?? 'server']])]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ]
    const validity = { notBefore: day(row.days[0]), notAfter: day(row.days[1]), signingAlgorithm: signing }
    const leaf =
      row.signedBy === 'itself'
        ? await x509.X509CertificateGenerator.createSelfSigned({ ...validity, name: subject, keys, extensions })
        : await x509.X509CertificateGenerator.create({
            ...validity,
            subject,
            issuer: authority[row.signedBy].certificate.subject,
            publicKey: keys.publicKey,
            signingKey: authority[row.signedBy].keys.privateKey,
            extensions: [
              ...extensions,
              await x509.AuthorityKeyIdentifierExtension.create(authority[row.signedBy].certificate),
              ...(row.namesIssuer === false ? [] : published(row.signedBy)),
            ],
          })
    if (row.revokedIn !== undefined) {
      const serial = leaf.serialNumber.toLowerCase().replace(/^0+(?=.)/, '')
      revoked[row.revokedIn].set(serial, validity.notBefore.getTime() + dayMs)
    }
    const leafPem = `${leaf.toString('pem')}\n`
    return {
      keyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
      leafPem,
      chainPem: leafPem + row.sends.map(certificatePem).join(''),
    }
  }

  /** Serial numbers that the issuing authority tells are revoked, with the time of it, by where it tells so. */
  const revoked = { list: new Map<string, number>(), responder: new Map<string, number>() } as const
  const certificatePem = (id: AuthorityId) => `${authority[id].certificate.toString('pem')}\n`
  const made = new Map<string, Promise<KeyAndChain>>()
  const lists = new Map<string, Promise<Uint8Array>>()

  return {
    rootPem: certificatePem('root'),
    certificatePem,
    certificateDer: (id) => new Uint8Array(authority[id].certificate.rawData),
    revocationList(id, how = 'usual') {
      // A new one every day, so that a lab that runs for long does not publish stale ones.
      const key = [id, how, revoked.list.size, Math.floor(options.clock() / dayMs)].join(' ')
      const list = lists.get(key) ?? makeList(how === 'other' ? 'inspector' : id, how)
      lists.set(key, list)
      return list
    },
    async ocspAnswer(id, request, how = 'usual') {
      const { keys, certificate } = authority[id]
      return ocspAnswer(request, {
        revokedAt: (serial) => revoked.responder.get(serial),
        aboutAnother: how === 'other',
        ...datesOf(how),
        key: how === 'forged' ? authority.stranger.keys.privateKey : keys.privateKey,
        keyHash: new Uint8Array(await certificate.publicKey.getKeyIdentifier()),
      })
    },
    certificate(kind, name) {
      const key = `${kind} ${name}`
      const certificate = made.get(key) ?? makeCertificate(kind, name)
      made.set(key, certificate)
      return certificate
    },
  }

  /** A week, of which a day is gone; what is stale should have been replaced a day ago. */
  function datesOf(how: Publishing): { thisUpdate: number; nextUpdate: number } {
    // To the second, as RFC 5280 §4.1.2.5 has it.
    const from = Math.floor(options.clock() / 1000) * 1000 - (how === 'stale' ? 8 : 1) * dayMs
    return { thisUpdate: from, nextUpdate: from + 7 * dayMs }
  }

  async function makeList(id: AuthorityId, how: Publishing): Promise<Uint8Array> {
    const { thisUpdate, nextUpdate } = datesOf(how)
    const list = await x509.X509CrlGenerator.create({
      issuer: authority[id].certificate.subject,
      thisUpdate: new Date(thisUpdate),
      nextUpdate: new Date(nextUpdate),
      signingAlgorithm: signing,
      signingKey: authority[how === 'forged' ? 'stranger' : id].keys.privateKey,
      entries: [...(id === 'issuing' ? revoked.list : [])].map(([serialNumber, at]) => ({
        serialNumber,
        revocationDate: new Date(at),
        reason: x509.X509CrlReason.keyCompromise,
      })),
      extensions: [
        await x509.AuthorityKeyIdentifierExtension.create(authority[id].certificate),
        new x509.Extension(crlNumber, false, firstNumber),
      ],
    })
    return new Uint8Array(list.rawData)
  }
}
