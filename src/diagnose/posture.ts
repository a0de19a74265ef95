import { isMicrosoftRoot } from '../catalog/index.ts'
import type { CertificateFacts, TlsHandshake } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Seen } from './seen.ts'
import { listed } from './wording.ts'

/** What a TLS server takes besides what was asked of it for the flow; nothing where it was not asked. */
export function postureLearnt({ shaken, otherOffers, otherServerNames }: Seen): Verdict['learnt'] {
  const apart = versionsApart(otherOffers)
  const long = otherOffers.filter(({ offered }) => offered.hello !== undefined)
  if (shaken === undefined || apart.length + long.length === 0) return {}
  const [leaf] = shaken.chain
  const [passing] = long.filter(({ bytesIn }) => bytesIn > 0)
  const other = otherServerNames[0]
  const taken = apart.filter(({ outcome }) => outcome === 'established')
  const refused = apart.filter(({ outcome }) => turnedAway.has(outcome))
  return {
    ...(taken.length > 0 && { tlsVersionsTaken: taken.map(versionOf) }),
    ...(refused.length > 0 && { tlsVersionsRefused: refused.map(versionOf) }),
    ...(shaken.offered.helloOctets !== undefined && { helloOctets: shaken.offered.helloOctets }),
    ...(long[0]?.offered.helloOctets !== undefined && { longHelloOctets: long[0].offered.helloOctets }),
    ...(long.length > 0 && { longHello: passing === undefined ? 'unanswered' : 'answered' }),
    ...(other !== undefined && { otherNames: answerToOtherNames(other, leaf) }),
    ...(leaf?.key !== undefined && {
      certificateKey: [leaf.key.type, leaf.key.bits ?? leaf.key.curve ?? ''].join(' ').trim(),
    }),
    ...(leaf?.signature !== undefined && { certificateSignature: leaf.signature }),
    rootOfMicrosoft: shaken.chain.some(isMicrosoftRoot),
  }
}

/** Ends that are the server's own word: silence, and what this machine itself would not offer, are none. */
const turnedAway: ReadonlySet<TlsHandshake['outcome']> = new Set(['alert', 'reset', 'closed'])

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
function answerToOtherNames({ outcome, chain }: TlsHandshake, leaf: CertificateFacts | undefined): string {
  if (outcome !== 'established') return 'turned away'
  return chain[0]?.sha256 === leaf?.sha256 ? 'the same certificate' : 'another certificate'
}

/** Something that works today and that clients, or policies, stop accepting: worth a finding, and never a verdict. */
export interface Weakness {
  readonly code: 'weak-key' | 'weak-signature' | 'old-tls'
  readonly what: string
  readonly next: string
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
  const own = handshakes.find(({ role, outcome }) => role === 'probe' && outcome === 'established')
  if (own === undefined) return []
  const shown = own.chain.filter(({ from, selfSigned }, at) => at === 0 || (isOfServer(from) && !selfSigned))
  const short = shown.find(({ key }) => key?.bits !== undefined && key.bits < leastModulusBits)
  const forgeable = shown.find(({ signature, selfSigned }) => !selfSigned && weakDigest.test(signature ?? ''))
  const old = handshakes.filter(
    (one) =>
      one.role === 'control' &&
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
