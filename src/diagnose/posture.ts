import { isMicrosoftRoot } from '../catalog/index.ts'
import type { CauseCode } from '../model/cause.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Seen } from './seen.ts'
import { listed } from './wording.ts'

/** What a TLS server takes besides what was asked of it for the flow; nothing where it was not asked. */
export function postureLearnt({ shaken, otherOffers, otherServerNames }: Seen): Verdict['learnt'] {
  const offers = otherOffers.filter(isOfPosture)
  const [other] = otherServerNames.filter(isOfPosture)
  if (shaken === undefined || (offers.length === 0 && other === undefined)) return {}
  const [leaf] = shaken.chain
  const apart = versionsApart(offers)
  const long = offers.filter(({ offered }) => offered.hello !== undefined)
  const passed = long.some(({ bytesIn }) => bytesIn > 0)
  const versionsThat = (answer: Answer) => apart.filter((one) => answerOf(one) === answer).map(versionOf)
  const taken = versionsThat('taken')
  const refused = versionsThat('refused')
  const unanswered = versionsThat('unanswered')
  return {
    ...(taken.length > 0 && { tlsVersionsTaken: taken }),
    ...(refused.length > 0 && { tlsVersionsRefused: refused }),
    ...(unanswered.length > 0 && { tlsVersionsUnanswered: unanswered }),
    ...(shaken.offered.helloOctets !== undefined && { helloOctets: shaken.offered.helloOctets }),
    ...(long[0]?.offered.helloOctets !== undefined && { longHelloOctets: long[0].offered.helloOctets }),
    ...(long.length > 0 && { longHello: passed ? 'answered' : 'unanswered' }),
    ...(other !== undefined && { otherNames: answerToOtherNames(other, leaf) }),
    ...(leaf?.key !== undefined && {
      certificateKey: [leaf.key.type, leaf.key.bits ?? leaf.key.curve ?? ''].join(' ').trim(),
    }),
    ...(leaf?.signature !== undefined && { certificateSignature: leaf.signature }),
    rootOfMicrosoft: shaken.chain.some(isMicrosoftRoot),
  }
}

function isOfPosture({ role }: TlsHandshake): boolean {
  return role === 'posture'
}

/** What a server said to an offer: an end without an alert may be the path's, or a limit's on connections. */
type Answer = 'taken' | 'refused' | 'unanswered'

/** Nothing where this machine itself would not go on, or something was said that is no TLS. */
function answerOf({ outcome }: TlsHandshake): Answer | undefined {
  switch (outcome) {
    case 'established':
      return 'taken'
    case 'alert':
      return 'refused'
    case 'reset':
    case 'closed':
    case 'timeout':
      return 'unanswered'
    case 'not-tls':
    case 'local-refusal':
    case 'aborted':
    case 'error':
      return undefined
    default:
      return outcome satisfies never
  }
}

/** Handshakes that offered one version by itself, oldest version first. */
function versionsApart(offers: readonly TlsHandshake[]): readonly TlsHandshake[] {
  const apart = offers.filter(
    ({ varies, offered }) => varies === 'tls-version' && offered.minVersion === offered.maxVersion,
  )
  return apart.toSorted((one, other) => (versionOf(one) < versionOf(other) ? -1 : 1))
}

function versionOf({ offered }: TlsHandshake): string {
  return offered.maxVersion
}

/** What a name is answered with that is nobody's. */
function answerToOtherNames(asked: TlsHandshake, leaf: CertificateFacts | undefined): string {
  const answer = answerOf(asked)
  switch (answer) {
    case 'taken':
      return asked.chain[0]?.sha256 === leaf?.sha256 ? 'the same certificate' : 'another certificate'
    case 'refused':
      return `turned away${asked.alert === undefined ? '' : ` (alert ${asked.alert.number}, ${asked.alert.name})`}`
    case 'unanswered':
      return 'no answer'
    case undefined:
      return 'an answer that this machine does not take'
    default:
      return answer satisfies never
  }
}

/** Something that works today and that clients, or policies, stop accepting: worth a finding, and never a verdict. */
export interface Weakness {
  readonly code: 'weak-key' | 'weak-signature' | 'old-tls'
  readonly what: string
  readonly next: string
}

/** Causes by which somebody else answers, or may: what is weak there is an inspector's, a portal's or a stranger's. */
const answeredByOthers: ReadonlySet<CauseCode> = new Set([
  'interception-trusted',
  'interception-untrusted',
  'interception-partial',
  'captive-portal',
  'http-page-on-api',
  'wrong-target-dnat',
  'split-brain-override',
  'dns-tampered',
  'stale-record',
])

/**
 * Whether the server that a flow met is the one that was meant, so that what is weak in it is worth a word: the flow works,
 * or fails at a server whose certificate a trust store vouches for, and that has the name.
 */
export function isServerItself(
  { verdict, cause }: Pick<Verdict, 'verdict' | 'cause'>,
  handshakes: readonly TlsHandshake[],
): boolean {
  if (verdict === 'open' || verdict === 'degraded') return true
  if ((verdict !== 'wrong' && verdict !== 'blocked') || cause === undefined || answeredByOthers.has(cause)) return false
  const own = handshakes.find(isOwnEstablished)
  return own !== undefined && own.nameMatches === true && own.signaturesVerify && own.anchoredIn.length > 0
}

function isOwnEstablished({ role, outcome }: TlsHandshake): boolean {
  return role === 'probe' && outcome === 'established'
}

/** The shortest modulus that is still accepted (CA/Browser Forum baseline requirements §6.1.5), in bits. */
const leastModulusBits = 2048
const weakDigest = /sha-?1|md5/i

/**
 * What is weak in what a server showed in its own handshakes, and in what it took when other versions were offered.
 * Roots are left out: nobody relies on their signatures, and their keys are the stores' matter.
 *
 * @param place the server, as the finding names it
 */
export function weaknessesOf(handshakes: readonly TlsHandshake[], place: string): readonly Weakness[] {
  const own = handshakes.find(isOwnEstablished)
  if (own === undefined) return []
  const shown = own.chain.filter(({ from, selfSigned }, at) => at === 0 || (isOfServer(from) && !selfSigned))
  const short = shown.find(({ key }) => key?.bits !== undefined && key.bits < leastModulusBits)
  const forgeable = shown.find(({ signature, selfSigned }) => !selfSigned && weakDigest.test(signature ?? ''))
  const old = handshakes.filter(
    (one) =>
      isOfPosture(one) &&
      one.varies === 'tls-version' &&
      one.outcome === 'established' &&
      (one.version === 'TLSv1' || one.version === 'TLSv1.1'),
  )
  const weaknesses: Weakness[] = []
  if (short?.key !== undefined) {
    weaknesses.push({
      code: 'weak-key',
      what: `${place} shows a certificate ("${short.subject}") with a key of ${short.key.bits} bits (${short.key.type})`,
      next: `issue it anew with RSA of at least ${leastModulusBits} bits, or with P-256`,
    })
  }
  if (forgeable?.signature !== undefined) {
    weaknesses.push({
      code: 'weak-signature',
      what: `${place} shows a certificate ("${forgeable.subject}") that is signed with ${forgeable.signature}`,
      next: 'let the CA issue it anew with SHA-256',
    })
  }
  if (old.length > 0) {
    weaknesses.push({
      code: 'old-tls',
      what: `${place} takes ${listed(old.map(({ version = '' }) => version).toSorted())} beside newer versions`,
      next: 'turn TLS 1.0 and 1.1 off there, once no client is left that speaks nothing newer',
    })
  }
  return weaknesses
}

function isOfServer(from: CertificateFacts['from']): boolean {
  return from === 'handshake' || from === 'aia'
}
