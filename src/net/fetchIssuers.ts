import { X509Certificate } from 'node:crypto'
import type { AiaFetch, Unfiled } from '../model/observation.ts'
import { pkcs7Certificates } from '../wire/pkcs7.ts'
import { certificateFacts, hasSigned } from './certificateFacts.ts'
import type { ChainFollower, FollowedChain, HadCertificate } from './chain.ts'
import { startStamp } from './clock.ts'
import type { OctetTools } from './fetchOctets.ts'
import { fetchOctets, isFetchable } from './fetchOctets.ts'
import type { Limits, ProxyWay } from './net.ts'
import { readPem } from './readPem.ts'

export interface FetchTools extends OctetTools {
  readonly chains: ChainFollower
}

/** A chain that was completed as far as the certificates themselves say from where. */
export interface Completed {
  readonly followed: FollowedChain
  readonly fetched: readonly Unfiled<AiaFetch>[]
}

/** Intermediates between a leaf and its root: two at most in public, one more for a private one. */
const mostHops = 3
/** Addresses tried for one issuer; the second is there for when the first is down. */
const mostAddresses = 2
/** A certificate has one or two KiB. */
const maxCertificateBytes = 65_536
/** Bundles of issuers hold two or three; what stands behind these takes part in no chain. */
const mostCertificates = 16

/** What a fetch came to, and the issuer if it is one. */
type Fetched = Pick<AiaFetch, 'outcome' | 'status' | 'subject' | 'bytesIn' | 'detail'> & {
  readonly issuer?: X509Certificate
}

/**
 * Completes a short chain from where its certificates say that their issuers are to be had (RFC 5280 §4.2.2.1), as
 * Windows does. Each hop is bounded by the time-out of `limits`.
 *
 * @param through the proxy that is asked for them; absent: the way is straight
 */
export async function fetchIssuers(
  sent: readonly HadCertificate[],
  start: FollowedChain,
  limits: Limits,
  tools: FetchTools,
  through?: ProxyWay,
): Promise<Completed> {
  const fetched: Unfiled<AiaFetch>[] = []
  let had = sent
  let followed = start
  for (let hop = 0; hop < mostHops && followed.open !== undefined; hop += 1) {
    const subject = followed.open
    let issuer: X509Certificate | undefined
    for (const url of certificateFacts(subject).caIssuers.filter(isFetchable).slice(0, mostAddresses)) {
      if (limits.signal.aborted) break
      const stamp = startStamp(tools.clock)
      const { issuer: found, ...seen } = await fetchIssuer(url, subject, limits, tools, through)
      fetched.push({ kind: 'aia-fetch', ...stamp(), url, ...(through && { through: through.name }), ...seen })
      issuer = found
      if (issuer !== undefined) break
    }
    if (issuer === undefined) break
    had = [...had, { certificate: issuer, from: 'aia' }]
    followed = tools.chains.follow(had)
  }
  return { followed, fetched }
}

async function fetchIssuer(
  url: string,
  subject: X509Certificate,
  limits: Limits,
  tools: FetchTools,
  through: ProxyWay | undefined,
): Promise<Fetched> {
  // Nobody has vouched for a chain that is still short.
  const wanted = { url, most: maxCertificateBytes, inside: false, ...(through && { through }) }
  const fetched = await fetchOctets(wanted, limits, tools)
  if (fetched.kind === 'answer') {
    const { status, octets, type } = fetched
    if (status !== 200) return { outcome: 'http-status', ...(status !== undefined && { status }) }
    return issuerIn(octets, subject, type)
  }
  const { outcome, detail, bytesIn } = fetched
  switch (outcome) {
    case 'not-http':
      return { outcome: 'not-a-certificate', detail: 'no HTTP' }
    case 'too-large':
      return { outcome: 'not-a-certificate', detail: 'more octets than a certificate has' }
    case 'timeout':
    case 'aborted':
    case 'unreachable':
    case 'refused-address':
    case 'tool-limit':
      return { outcome, ...(detail !== undefined && { detail }), ...(bytesIn !== undefined && { bytesIn }) }
    default:
      return outcome satisfies never
  }
}

/** DER as the standard has it, PEM as some serve it, or a bundle; of several the one that signed is taken. */
function issuerIn(body: Uint8Array, subject: X509Certificate, contentType: string | undefined): Fetched {
  const certificates = certificatesIn(body)
  const [first] = certificates
  if (first === undefined) {
    return { outcome: 'not-a-certificate', detail: `${body.length} octets of ${contentType ?? 'no stated type'}` }
  }
  const issuer = certificates.find((certificate) => certificate.ca && hasSigned(certificate, subject))
  const named = certificateFacts(issuer ?? first).subject
  if (issuer === undefined) return { outcome: 'wrong-issuer', subject: named }
  return { outcome: 'certificate', subject: named, issuer }
}

function certificatesIn(body: Uint8Array): readonly X509Certificate[] {
  const text = Buffer.from(body).toString('latin1')
  if (text.includes('-----BEGIN')) return readPem(text, mostCertificates).certificates
  return (pkcs7Certificates(body, mostCertificates) ?? [body]).flatMap((der) => {
    try {
      return [new X509Certificate(der)]
    } catch {
      return []
    }
  })
}
