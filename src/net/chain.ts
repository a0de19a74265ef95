import type { X509Certificate } from 'node:crypto'
import type { CertificateFacts, TrustStore } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
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
  /** The certificates of `chain` themselves. */
  readonly certificates: readonly X509Certificate[]
  /** The last certificate that the chain reached without a trust store, when it did not end in a root. */
  readonly open?: X509Certificate
}

/** A chain that ends in a trust store by signatures that verify, and what the server stapled to it (RFC 6066 §8). */
export interface VerifiedChain extends Pick<FollowedChain, 'chain' | 'certificates' | 'anchoredIn'> {
  readonly staple?: Uint8Array
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
  /** Certificates that the leaf depends on and that are out of date; the leaf's own dates are the same on every way. */
  readonly outdated: number
}

/** A way that goes no further. */
interface End extends Path {
  readonly stores: readonly TrustStore[]
  /** `root` goes before `trusted`, a certificate of a store that another has issued: the way on tells more. */
  readonly in: 'root' | 'trusted' | 'nothing'
}

/**
 * @param now wall clock in milliseconds since 1970: of several ways up, those whose certificates are in date count first
 */
export function createChainFollower(stores: TrustStores, now: () => number): ChainFollower {
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

  /** Where a way ends, when its last certificate is trusted, is its own issuer, or has no issuer among the others. */
  function endsOf(path: Path, last: X509Certificate, issuers: readonly HadCertificate[], atMs: number): readonly End[] {
    const { facts, heldIn, anchors } = know(last)
    if (facts.selfSigned) {
      return [{ ...path, stores: heldIn, in: heldIn.length > 0 ? 'root' : 'nothing' }]
    }
    const above = anchors.map(
      ({ certificate, stores: held }): End => ({
        // What was sent goes before what a store would put in its place.
        steps: [
          ...path.steps,
          issuers.find((issuer) => issuer.certificate.fingerprint256 === certificate.fingerprint256) ?? {
            certificate,
            from: firstOf(held),
          },
        ],
        outdated: path.outdated + outdated(certificate, atMs),
        stores: held,
        in: certificate.subject === certificate.issuer ? 'root' : 'trusted',
      }),
    )
    if (heldIn.length > 0) return [{ ...path, stores: heldIn, in: 'trusted' }, ...above]
    return above.length > 0 || issuers.length > 0 ? above : [{ ...path, stores: [], in: 'nothing' }]
  }

  /** Every certificate by the best way to it: each is gone through once, so that a knot of cross-certificates ends. */
  function waysFrom(leaf: HadCertificate, others: readonly HadCertificate[], atMs: number): readonly End[] {
    const ends: End[] = []
    const settled = new Set<string>()
    const waiting: Path[] = [{ steps: [leaf], outdated: 0 }]
    let gone: Path = { steps: [leaf], outdated: 0 }
    for (let path = takeFirst(waiting); path !== undefined; path = takeFirst(waiting)) {
      const last = (path.steps.at(-1) ?? leaf).certificate
      if (settled.has(last.fingerprint256)) continue
      settled.add(last.fingerprint256)
      gone = path
      const issuers = know(last).facts.selfSigned ? [] : others.filter(({ certificate }) => signed(certificate, last))
      ends.push(...endsOf(path, last, issuers, atMs))
      for (const issuer of issuers) {
        const { steps, outdated: before } = path
        waiting.push({ steps: [...steps, issuer], outdated: before + outdated(issuer.certificate, atMs) })
      }
    }
    // Certificates that issue each other and nothing else leave every way without an end.
    return ends.length > 0 ? ends : [{ ...gone, stores: [], in: 'nothing' }]
  }

  function follow(had: readonly HadCertificate[], atMs: number): FollowedChain {
    const looked = had.slice(0, mostCertificates)
    const [leaf, ...others] = looked
    if (leaf === undefined) return { chain: [], certificates: [], anchoredIn: [], signaturesVerify: false }
    const ends = waysFrom(leaf, others, atMs)
    const best = ends.reduce((found, end) => (byWorth(end, found) < 0 ? end : found))
    const anchoredIn = new Set(ends.filter((end) => end.outdated === best.outdated).flatMap((end) => end.stores))
    const last = (best.steps.at(-1) ?? leaf).certificate
    const ended = best.in !== 'nothing' || know(last).facts.selfSigned
    return {
      chain: best.steps.map(show),
      certificates: best.steps.map(({ certificate }) => certificate),
      anchoredIn: storeOrder.filter((store) => anchoredIn.has(store)),
      signaturesVerify: ended || !looked.some(({ certificate }) => isNamedIssuer(certificate, last)),
      ...(!ended && { open: last }),
    }
  }
  // The same certificates lead the same way, until one of them is out of date: so for an hour.
  const followed = new BoundedMap<string, FollowedChain>(mostRemembered)
  return {
    follow(had) {
      const atMs = now()
      const asked = had.map(({ certificate, from }) => `${from} ${certificate.fingerprint256}`).join()
      return followed.take(`${Math.floor(atMs / hourMs)} ${asked}`, () => follow(had, atMs))
    },
  }
}

const hourMs = 3_600_000

/** 1 when a certificate is out of date, 0 when it is in date or tells none that can be read. */
function outdated({ validFromDate, validToDate }: X509Certificate, atMs: number): 0 | 1 {
  return atMs < validFromDate.getTime() || atMs > validToDate.getTime() ? 1 : 0
}

const worthOfEnd: Readonly<Record<End['in'], number>> = { root: 0, trusted: 1, nothing: 2 }

/** In date, then trusted, then short: a cross-certificate that has run out is no fault while a client needs none. */
function byWorth(one: End, other: End): number {
  return (
    one.outdated - other.outdated || worthOfEnd[one.in] - worthOfEnd[other.in] || one.steps.length - other.steps.length
  )
}

/** Takes out the way that is to be gone next: the fewest out of date, then the shortest, then the first found. */
function takeFirst(waiting: Path[]): Path | undefined {
  const [first] = waiting.toSorted(
    (one, other) => one.outdated - other.outdated || one.steps.length - other.steps.length,
  )
  if (first !== undefined) waiting.splice(waiting.indexOf(first), 1)
  return first
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
