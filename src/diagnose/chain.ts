import { inspectionVendorOf, isMicrosoftIssuer, isMicrosoftName, isMicrosoftRoot, rootRows } from '../catalog/index.ts'
import type { CauseCode, Confidence } from '../model/cause.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { JudgementContext } from '../model/report.ts'
import { areUnrelated, isMapped, sameName } from './names.ts'
import { commonName } from './wording.ts'

/**
 * Whose root a name's chain must end in. `microsoft`: one of the roots that Microsoft publishes. `site`: the site's own
 * CA, since `names:` of the site file says that this name of Microsoft's is served in a lab or a private cloud.
 * `any-store`: whatever root a trust store of this machine holds.
 */
export type Expectation = 'microsoft' | 'site' | 'any-store'

/** Why a chain is neither proven genuine nor proven to be someone else's. */
export type CannotKnow =
  | 'no-certificate'
  | 'signature'
  | 'other-name'
  /** A root, public or of Microsoft's kind, that Microsoft has not published: a change there, until more is known. */
  | 'unlisted-public-root'
  /** Named like a root of Microsoft whose fingerprint is not published. */
  | 'unpublished-fingerprint'
  /** Ends before any root. */
  | 'short'
  | 'private-root'
  | 'self-signed'

/** What a chain says about who speaks: genuine, intercepted, or not to be known from here. */
export type ChainVerdict = { readonly expectation: Expectation } & (Genuine | Intercepted | Unknown)

interface Genuine {
  readonly kind: 'genuine'
  readonly by: 'microsoft-root' | 'site-root' | 'trust-store'
  /** Whether a store of this machine holds the root. */
  readonly anchored: boolean
  /** Whether issuers had to be fetched because the server did not send them. */
  readonly fetched: boolean
}

interface Intercepted {
  readonly kind: 'intercepted'
  /** Whether this machine trusts the CA that signed anew. */
  readonly trusted: boolean
  /** Whether other required names show their genuine chain from here. */
  readonly partial: boolean
  readonly issuer: string
  /** Only where this machine does not trust the chain: the words of a product stand in ordinary CAs' names as well. */
  readonly vendor?: string
  readonly confidence: Confidence
  /** Unrelated names that the same issuer signed. */
  readonly alsoSigned: readonly string[]
  readonly genuineNames: readonly string[]
  readonly alternatives: readonly CauseCode[]
  readonly decidedBy: readonly string[]
}

interface Unknown {
  readonly kind: 'cannot-know'
  readonly because: CannotKnow
}

type Basis = Genuine | Unknown | ({ readonly kind: 'foreign'; readonly vendor?: string } & Foreign)

interface Foreign {
  readonly trusted: boolean
  /** Trusted because the site file names the CA. */
  readonly ofSite: boolean
  readonly selfSigned: boolean
}

/** Whose root is expected under a name at a port; a mapped name without a CA of the site is judged like any other. */
export function expectationOf(
  name: string | undefined,
  context: JudgementContext,
  dialled: number | undefined,
): Expectation {
  if (name === undefined || !isMicrosoftName(name, context.cloud)) return 'any-store'
  if (!isMapped(name, context.names, dialled)) return 'microsoft'
  return context.trusted.length > 0 ? 'site' : 'any-store'
}

/** The port of the server; which one a proxy dials for us is not seen. */
function dialledIn({ through, port }: TlsHandshake): number | undefined {
  return through === undefined ? port : undefined
}

/**
 * Judges one established handshake by its chain, not by names, and in the light of the other handshakes of the case
 * (the rule and its traps are in the catalog's `chainRule`): a short chain is not interception, a public root that is
 * not listed is a change at Microsoft, a product is named only when interception stands without its name.
 *
 * @param peers other established handshakes, from controls and from other flows
 * @param name the name that the flow asked for, when the handshake carried no SNI
 */
export function judgeChain(
  shaken: TlsHandshake,
  peers: readonly TlsHandshake[],
  name: string | undefined,
  context: JudgementContext,
): ChainVerdict {
  const asked = shaken.serverName ?? name
  const expectation = expectationOf(asked, context, dialledIn(shaken))
  const basis = classify(shaken, expectation, context)
  switch (basis.kind) {
    case 'genuine':
      return { expectation, ...basis }
    case 'cannot-know':
      return { expectation, ...(signedLikeMicrosofts(shaken, peers, asked, basis, context) ?? basis) }
    case 'foreign':
      if (shaken.nameMatches === false) return { expectation, kind: 'cannot-know', because: 'other-name' }
      return { expectation, ...intercepted(shaken, peers, asked, expectation, basis, context) }
    default:
      return basis satisfies never
  }
}

/** One chain by itself. */
function classify(shaken: TlsHandshake, expectation: Expectation, context: JudgementContext): Basis {
  const { chain, anchoredIn } = shaken
  const leaf = chain[0]
  const last = chain.at(-1)
  if (leaf === undefined || last === undefined) return { kind: 'cannot-know', because: 'no-certificate' }
  if (!shaken.signaturesVerify) return { kind: 'cannot-know', because: 'signature' }
  const fetched = chain.some(({ from }) => from === 'aia')
  const alone = chain.length === 1 && leaf.selfSigned
  const genuine = (by: Genuine['by'], anchored = anchoredIn.length > 0): Genuine => ({
    kind: 'genuine',
    by,
    anchored,
    fetched,
  })
  const ofSite = anchoredIn.includes('site') || chain.some(({ sha256 }) => isTrusted(sha256, context))

  switch (expectation) {
    case 'any-store':
      if (ofSite) return genuine('site-root', true)
      if (anchoredIn.length > 0) return genuine('trust-store')
      if (alone) return { kind: 'cannot-know', because: 'self-signed' }
      return { kind: 'cannot-know', because: last.selfSigned ? 'private-root' : 'short' }

    case 'microsoft':
      if (chain.some(isMicrosoftRoot)) return genuine('microsoft-root')
      if (anchoredIn.includes('node')) return { kind: 'cannot-know', because: 'unlisted-public-root' }
      if (last.selfSigned || anchoredIn.length > 0) {
        if (isUnpublishedRoot(last)) return { kind: 'cannot-know', because: 'unpublished-fingerprint' }
        // The operating system follows Microsoft's own list of roots, which knows a new one before any page names it.
        if (anchoredIn.includes('machine') && isMicrosoftIssuer(leaf.issuer)) {
          return { kind: 'cannot-know', because: 'unlisted-public-root' }
        }
        return foreign(leaf, { trusted: anchoredIn.length > 0 || ofSite, ofSite, selfSigned: alone })
      }
      return cutShort(leaf, last)

    case 'site':
      if (ofSite) return genuine('site-root', true)
      if (chain.some(isMicrosoftRoot)) return genuine('microsoft-root')
      if (anchoredIn.includes('node')) return genuine('trust-store')
      if (anchoredIn.includes('machine')) return foreign(leaf, { trusted: true, ofSite, selfSigned: alone })
      if (alone) return { kind: 'cannot-know', because: 'self-signed' }
      if (last.selfSigned) return foreign(leaf, { trusted: false, ofSite, selfSigned: false })
      return cutShort(leaf, last)

    default:
      return expectation satisfies never
  }
}

function foreign(leaf: CertificateFacts, how: Foreign): Extract<Basis, { kind: 'foreign' }> {
  const vendor = inspectionVendorOf(leaf.issuer)?.vendor
  return { kind: 'foreign', ...how, ...(vendor !== undefined && { vendor }) }
}

/** A chain that stops before its root is foreign only when its issuer carries the sign of an inspection product. */
function cutShort(leaf: CertificateFacts, last: CertificateFacts): Basis {
  const known = isMicrosoftIssuer(leaf.issuer) || isMicrosoftIssuer(last.issuer) || isRootName(last.issuer)
  if (known || inspectionVendorOf(leaf.issuer) === undefined) return { kind: 'cannot-know', because: 'short' }
  return foreign(leaf, { trusted: false, ofSite: false, selfSigned: false })
}

function intercepted(
  shaken: TlsHandshake,
  peers: readonly TlsHandshake[],
  name: string | undefined,
  expectation: Expectation,
  basis: Extract<Basis, { kind: 'foreign' }>,
  context: JudgementContext,
): Intercepted {
  const issuer = shaken.chain[0]?.issuer ?? ''
  const alike = signedBy(issuer, shaken, peers, name).filter(
    // A server of the company's own that its CA signs is ordinary: for a mapped name it says nothing.
    (peer) => expectation === 'microsoft' || expectationOf(peer.serverName, context, dialledIn(peer)) !== 'any-store',
  )
  const genuine = peers.filter(
    (peer) =>
      !sameName(peer.serverName, name) &&
      peer.nameMatches !== false &&
      isGenuine(peer, expectationOf(peer.serverName, context, dialledIn(peer)), context),
  )
  const partial = genuine.length > 0
  return {
    kind: 'intercepted',
    trusted: basis.trusted,
    partial,
    issuer,
    ...(basis.vendor !== undefined && !basis.trusted && { vendor: basis.vendor }),
    confidence: confidenceOf(expectation, basis, { alsoElsewhere: alike.length > 0, partial }),
    alsoSigned: alike.map(({ serverName }) => serverName ?? ''),
    genuineNames: genuine.map(({ serverName }) => serverName ?? ''),
    alternatives: alternativesOf(expectation, basis, alike.length > 0),
    decidedBy: [shaken, ...alike, ...(partial ? genuine : [])].map(({ id }) => id),
  }
}

/**
 * A foreign chain that this machine distrusts is two kinds of evidence under a public name, which nobody else serves, and
 * one under a mapped name. One that it trusts is one kind: the root may be new. A CA of the site's own is none of
 * Microsoft's. The same issuer on unrelated names, or genuine chains beside it, are direct answers on both sides.
 */
function confidenceOf(
  expectation: Expectation,
  { vendor, selfSigned, trusted, ofSite }: Extract<Basis, { kind: 'foreign' }>,
  { alsoElsewhere, partial }: { readonly alsoElsewhere: boolean; readonly partial: boolean },
): Confidence {
  if (alsoElsewhere) return 'certain'
  if (selfSigned) return 'possible'
  if (partial && (expectation === 'microsoft' || trusted)) return 'certain'
  if (expectation === 'microsoft') return trusted && !ofSite ? 'possible' : 'likely'
  return vendor !== undefined || partial ? 'likely' : 'possible'
}

function alternativesOf(
  expectation: Expectation,
  { selfSigned, trusted }: Extract<Basis, { kind: 'foreign' }>,
  alsoElsewhere: boolean,
): readonly CauseCode[] {
  if (alsoElsewhere) return []
  if (selfSigned) return ['wrong-target-dnat']
  return expectation === 'site' && !trusted ? ['root-missing'] : []
}

/**
 * An own server whose chain is not trusted is intercepted as well when the issuer that signed it also signs names whose
 * chain must end elsewhere.
 */
function signedLikeMicrosofts(
  shaken: TlsHandshake,
  peers: readonly TlsHandshake[],
  name: string | undefined,
  { because }: Unknown,
  context: JudgementContext,
): Intercepted | undefined {
  if (because !== 'private-root' && because !== 'short') return undefined
  if (shaken.nameMatches !== true) return undefined
  const issuer = shaken.chain[0]?.issuer ?? ''
  const alike = signedBy(issuer, shaken, peers, name).filter((peer) => {
    const expected = expectationOf(peer.serverName, context, dialledIn(peer))
    return expected !== 'any-store' && classify(peer, expected, context).kind === 'foreign'
  })
  if (alike.length === 0) return undefined
  const vendor = inspectionVendorOf(issuer)?.vendor
  return {
    kind: 'intercepted',
    trusted: false,
    partial: false,
    issuer,
    ...(vendor !== undefined && { vendor }),
    confidence: 'certain',
    alsoSigned: alike.map(({ serverName }) => serverName ?? ''),
    genuineNames: [],
    alternatives: [],
    decidedBy: [shaken, ...alike].map(({ id }) => id),
  }
}

/** Unrelated names that the same issuer signed, each with a certificate of its own: what an inspector does. */
function signedBy(
  issuer: string,
  shaken: TlsHandshake,
  peers: readonly TlsHandshake[],
  name: string | undefined,
): readonly TlsHandshake[] {
  const leaf = shaken.chain[0]
  return peers.filter((peer) => {
    const other = peer.chain[0]
    return (
      other !== undefined &&
      other.issuer === issuer &&
      other.sha256 !== leaf?.sha256 &&
      peer.nameMatches === true &&
      peer.serverName !== undefined &&
      (name === undefined || areUnrelated(peer.serverName, name))
    )
  })
}

function isGenuine(peer: TlsHandshake, expectation: Expectation, context: JudgementContext): boolean {
  return expectation !== 'any-store' && classify(peer, expectation, context).kind === 'genuine'
}

function isTrusted(sha256: string, context: JudgementContext): boolean {
  return context.trusted.some((one) => one.replaceAll(':', '').toUpperCase() === sha256)
}

const unpublishedRoots: ReadonlySet<string> = new Set(
  rootRows.filter(({ sha1, sha256 }) => sha1 === undefined && sha256 === undefined).map(({ name }) => name),
)
const rootNames: ReadonlySet<string> = new Set(rootRows.map(({ name }) => name))

function isUnpublishedRoot({ subject }: CertificateFacts): boolean {
  return unpublishedRoots.has(commonName(subject))
}

function isRootName(distinguishedName: string): boolean {
  return rootNames.has(commonName(distinguishedName))
}
