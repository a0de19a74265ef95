import type { X509Certificate } from 'node:crypto'
import type { CertificateFacts, TlsHandshake, TrustStore } from '../model/observation.ts'
import { BoundedMap } from './boundedMap.ts'
import { certificateFacts, hasSigned } from './certificateFacts.ts'
import type { Anchor, TrustStores } from './trustStores.ts'

/** A certificate in hand, and how it was had. */
export interface HadCertificate {
  readonly certificate: X509Certificate
  readonly from: CertificateFacts['from']
}

/** How far a chain could be followed, in the terms of an observation. */
export type FollowedChain = Pick<TlsHandshake, 'chain' | 'anchoredIn' | 'signaturesVerify'> & {
  /** The last certificate that the chain reached without a trust store, when it did not end in a root. */
  readonly open?: X509Certificate
}

/** Follows chains, and remembers what it learnt of certificates that it meets again and again: the issuing CAs. */
export interface ChainFollower {
  /** @param had the leaf first, then whatever else was sent or fetched, in any order */
  follow(had: readonly HadCertificate[]): FollowedChain
}

/** Servers send a handful; what is beyond is not looked at, so that an endless chain costs no more than this one. */
const mostCertificates = 16
/** Issuing CAs of a site number in the tens; the rest are leaves that are met once or twice. */
const mostRemembered = 512

interface Known {
  readonly facts: Omit<CertificateFacts, 'from'>
  /** The facts as they stand in observations: one object for all that show this certificate. */
  readonly shown: Map<CertificateFacts['from'], CertificateFacts>
  /** By fingerprint of the issuer: a signature is verified once. */
  readonly signedBy: Map<string, boolean>
  readonly heldIn: readonly TrustStore[]
  readonly anchors: readonly Anchor[]
}

/** One way from the leaf upwards. */
interface Path {
  readonly steps: readonly HadCertificate[]
  readonly anchored: boolean
}

export function createChainFollower(stores: TrustStores): ChainFollower {
  const remembered = new BoundedMap<string, Known>(mostRemembered)
  const know = (certificate: X509Certificate): Known =>
    remembered.take(certificate.fingerprint256, () => ({
      facts: certificateFacts(certificate),
      shown: new Map(),
      signedBy: new Map(),
      heldIn: stores.holding(certificate),
      anchors: stores.issuersOf(certificate),
    }))

  /** An end entity's key signs no certificates, whatever its holder does with it (RFC 5280 §4.2.1.9). */
  const signed = (issuer: X509Certificate, certificate: X509Certificate): boolean => {
    if (!issuer.ca) return false
    const { signedBy } = know(certificate)
    const known = signedBy.get(issuer.fingerprint256)
    if (known !== undefined) return known
    const verified = hasSigned(issuer, certificate)
    signedBy.set(issuer.fingerprint256, verified)
    return verified
  }

  const show = ({ certificate, from }: HadCertificate): CertificateFacts => {
    const { facts, shown } = know(certificate)
    const known = shown.get(from)
    if (known !== undefined) return known
    const made = { ...facts, from }
    shown.set(from, made)
    return made
  }

  function follow(had: readonly HadCertificate[]): FollowedChain {
    const [leaf, ...others] = had.slice(0, mostCertificates)
    if (leaf === undefined) return { chain: [], anchoredIn: [], signaturesVerify: false }
    const reached = new Set<string>()
    const anchoredIn = new Set<TrustStore>()
    let best: Path = { steps: [leaf], anchored: false }

    // Each certificate is gone through once: where it leads does not depend on how it was come by.
    const explore = (steps: readonly HadCertificate[], last: HadCertificate): void => {
      reached.add(last.certificate.fingerprint256)
      const { facts, heldIn, anchors } = know(last.certificate)
      for (const store of [...heldIn, ...anchors.flatMap(({ stores }) => stores)]) anchoredIn.add(store)
      // What was sent goes before what a store would put in its place.
      for (const other of facts.selfSigned ? [] : others) {
        const { certificate } = other
        if (!reached.has(certificate.fingerprint256) && signed(certificate, last.certificate)) {
          explore([...steps, other], other)
        }
      }
      const [anchor] = facts.selfSigned ? [] : anchors
      const top = anchor && { certificate: anchor.certificate, from: firstOf(anchor.stores) }
      const path = { steps: top ? [...steps, top] : steps, anchored: heldIn.length > 0 || anchors.length > 0 }
      if (path.anchored === best.anchored ? path.steps.length > best.steps.length : path.anchored) best = path
    }
    explore(best.steps, leaf)

    const last = (best.steps.at(-1) ?? leaf).certificate
    const ended = best.anchored || know(last).facts.selfSigned
    return {
      chain: best.steps.map(show),
      anchoredIn: storeOrder.filter((store) => anchoredIn.has(store)),
      signaturesVerify: ended || !had.some(({ certificate }) => isNamedIssuer(certificate, last)),
      ...(!ended && { open: last }),
    }
  }
  // The same certificates lead the same way: front ends of one service show the same, and so does every repetition.
  const followed = new BoundedMap<string, FollowedChain>(mostRemembered)
  return {
    follow: (had) =>
      followed.take(had.map(({ certificate, from }) => `${from} ${certificate.fingerprint256}`).join(), () =>
        follow(had),
      ),
  }
}

const storeOrder: readonly TrustStore[] = ['node', 'machine', 'site']

function firstOf(stores: readonly TrustStore[]): TrustStore {
  return storeOrder.find((store) => stores.includes(store)) ?? 'node'
}

/** Named as the issuer by subject and key identifier; where the chain ends at such a pair, its signature did not verify. */
function isNamedIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return (issuer.ca || issuer === certificate) && certificate.checkIssued(issuer)
  } catch {
    return false
  }
}
