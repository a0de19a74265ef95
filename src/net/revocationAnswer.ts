import { createHash, X509Certificate } from 'node:crypto'
import type { RevocationCheck } from '../model/observation.ts'
import { certificateParts } from '../wire/certificateParts.ts'
import type { RevocationList, Revoked } from '../wire/crl.ts'
import { readRevocationList } from '../wire/crl.ts'
import type { CertificateId } from '../wire/ocsp.ts'
import { readOcspAnswer } from '../wire/ocsp.ts'
import { hasSigned } from './certificateFacts.ts'
import { verifySignature } from './verifySignature.ts'

/** What an answer comes to, in the terms of an observation. */
export type AnswerRead = Pick<
  RevocationCheck,
  'outcome' | 'thisUpdate' | 'nextUpdate' | 'revokedAt' | 'reason' | 'detail'
>

/** A certificate and the one that issued it: whose answers count. */
export interface Issued {
  readonly certificate: X509Certificate
  readonly issuer: X509Certificate
}

/** A list as fetched, whose signature is verified once for each key that may have made it. */
export interface OpenedList {
  readonly list: RevocationList
  isSignedBy(issuer: X509Certificate): boolean
}

/** @returns undefined when the octets are no list */
export function openList(octets: Uint8Array): OpenedList | undefined {
  const list = readRevocationList(octets)
  if (list === undefined) return undefined
  const verified = new Map<string, boolean>()
  return {
    list,
    isSignedBy({ fingerprint256, publicKey }) {
      const known = verified.get(fingerprint256) ?? verifySignature(list, publicKey)
      verified.set(fingerprint256, known)
      return known
    },
  }
}

/**
 * What a list says of one certificate.
 *
 * @param opened undefined when what was fetched is no list
 * @param now what its dates are held against, milliseconds since 1970
 */
export function readList(opened: OpenedList | undefined, { certificate, issuer }: Issued, now: number): AnswerRead {
  const parts = certificateParts(certificate.raw)
  if (opened === undefined || parts === undefined) return { outcome: 'not-an-answer' }
  const { list } = opened
  const dates = datesOf(list)
  if (!isSame(list.issuer, parts.issuer)) return { outcome: 'other-certificate', ...dates, detail: 'of another issuer' }
  if (!opened.isSignedBy(issuer)) return { outcome: 'bad-signature', ...dates }
  const revoked = list.find(
    Buffer.from(parts.serial)
      .toString('hex')
      .replace(/^0+(?=.)/, ''),
  )
  if (revoked !== undefined) return { ...revokedOf(revoked), ...dates }
  const dated = outOfDate(list, now)
  if (dated !== undefined) return { outcome: dated, ...dates }
  return list.delta
    ? { outcome: 'other-certificate', ...dates, detail: 'names only what changed since another list' }
    : { outcome: 'good', ...dates }
}

/** Reads a responder's answer, asked for or stapled. */
export function readOcsp(octets: Uint8Array, { certificate, issuer }: Issued, now: number): AnswerRead {
  const id = certificateId({ certificate, issuer })
  const answer = id && readOcspAnswer(octets, id)
  if (answer === undefined) return { outcome: 'not-an-answer' }
  if (answer.kind === 'refused') return { outcome: 'responder-refused', detail: answer.reason }
  const { about } = answer
  if (about === undefined) return { outcome: 'other-certificate' }
  const dates = datesOf(about)
  const signers = [issuer.publicKey, ...responders(answer.certificates, issuer, now).map(({ publicKey }) => publicKey)]
  if (!signers.some((key) => verifySignature(answer, key))) return { outcome: 'bad-signature', ...dates }
  // A revocation does not end with the answer that told it.
  if (about.revoked !== undefined) return { ...revokedOf(about.revoked), ...dates }
  const dated = outOfDate(about, now)
  if (dated !== undefined) return { outcome: dated, ...dates }
  return { outcome: about.state === 'good' ? 'good' : 'unknown-certificate', ...dates }
}

/** How a responder is asked for a certificate (RFC 6960 §4.1.1). */
export function certificateId({ certificate, issuer }: Issued): CertificateId | undefined {
  const parts = certificateParts(certificate.raw)
  const above = certificateParts(issuer.raw)
  if (parts === undefined || above === undefined) return undefined
  return { nameHash: sha1(parts.issuer), keyHash: sha1(above.keyBits), serial: parts.serial }
}

/** Certificates that the issuer itself made for answering in its name (RFC 6960 §4.2.2.2), in date. */
function responders(
  certificates: readonly Uint8Array[],
  issuer: X509Certificate,
  now: number,
): readonly X509Certificate[] {
  return certificates.flatMap((der) => {
    const certificate = certificateParts(der)?.signsOcsp === true ? opened(der) : undefined
    if (certificate === undefined || !hasSigned(issuer, certificate)) return []
    const inDate = Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo)
    return inDate ? [certificate] : []
  })
}

function opened(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

function datesOf({ thisUpdate, nextUpdate }: { readonly thisUpdate: number; readonly nextUpdate?: number }) {
  return {
    thisUpdate: new Date(thisUpdate).toISOString(),
    ...(nextUpdate !== undefined && { nextUpdate: new Date(nextUpdate).toISOString() }),
  }
}

function revokedOf({ at, reason }: Revoked): Pick<AnswerRead, 'outcome' | 'revokedAt' | 'reason'> {
  return { outcome: 'revoked', revokedAt: new Date(at).toISOString(), ...(reason !== undefined && { reason }) }
}

/** Clocks of issuers and clients differ by some minutes; Windows allows ten. */
const toleranceMs = 600_000

function outOfDate(
  { thisUpdate, nextUpdate }: { readonly thisUpdate: number; readonly nextUpdate?: number },
  now: number,
): 'stale' | 'not-yet-valid' | undefined {
  if (thisUpdate > now + toleranceMs) return 'not-yet-valid'
  return nextUpdate !== undefined && nextUpdate < now ? 'stale' : undefined
}

function sha1(octets: Uint8Array): Uint8Array {
  return createHash('sha1').update(octets).digest()
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b)
}
