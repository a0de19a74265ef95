import { X509Certificate } from 'node:crypto'
import { isPublic, parseAddress, parseHostPort } from '../model/cidr.ts'
import type { AiaFetch, Unfiled } from '../model/observation.ts'
import { pkcs7Certificates } from '../wire/pkcs7.ts'
import { certificateFacts, hasSigned } from './certificateFacts.ts'
import type { ChainFollower, FollowedChain, HadCertificate } from './chain.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { connect } from './connect.ts'
import { exchange } from './exchange.ts'
import { lookup } from './lookup.ts'
import type { Limits } from './net.ts'
import { readPem } from './readPem.ts'

export interface FetchTools {
  readonly clock: Clock
  readonly random: (octets: number) => Uint8Array
  readonly userAgent: string
  readonly chains: ChainFollower
  /** `names:` of the site file: `name` or `name:port` to `address`, `address:port` or `:port`. */
  readonly names: Readonly<Record<string, string>>
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
const longestUrl = 2048

/** What a fetch came to, and the issuer if it is one. */
type Fetched = Pick<AiaFetch, 'outcome' | 'status' | 'subject' | 'detail'> & { readonly issuer?: X509Certificate }

/**
 * Completes a short chain from where its certificates say that their issuers are to be had (RFC 5280 §4.2.2.1), as
 * Windows does. Each hop is bounded by the time-out of `limits`.
 */
export async function fetchIssuers(
  sent: readonly HadCertificate[],
  start: FollowedChain,
  limits: Limits,
  tools: FetchTools,
): Promise<Completed> {
  const fetched: Unfiled<AiaFetch>[] = []
  let had = sent
  let followed = start
  for (let hop = 0; hop < mostHops && followed.open !== undefined; hop += 1) {
    const subject = followed.open
    let issuer: X509Certificate | undefined
    for (const url of httpAddresses(subject).slice(0, mostAddresses)) {
      if (limits.signal.aborted) break
      const stamp = startStamp(tools.clock)
      const { issuer: found, ...seen } = await fetchIssuer(url, subject, limits, tools)
      fetched.push({ kind: 'aia-fetch', ...stamp(), url, ...seen })
      issuer = found
      if (issuer !== undefined) break
    }
    if (issuer === undefined) break
    had = [...had, { certificate: issuer, from: 'aia' }]
    followed = tools.chains.follow(had)
  }
  return { followed, fetched }
}

/** Only plain HTTP: an address under TLS would need a chain to fetch a chain (RFC 5280 §8 warns of the circle). */
function httpAddresses(certificate: X509Certificate): readonly string[] {
  return certificateFacts(certificate).caIssuers.filter(
    (url) => /^http:\/\//i.test(url) && url.length <= longestUrl && URL.canParse(url) && new URL(url).port !== '0',
  )
}

/** Where an address leads: as it says, unless the site's names say otherwise. */
function placeOf(url: string, names: FetchTools['names']): { host: string; port: number; mapped: boolean } {
  const { hostname, port: written } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const port = written === '' ? 80 : Number(written)
  // Only a name that the site file maps by itself: `*:80` would open the way to any host that a certificate names.
  const key = [`${host}:${port}`, host].find((each) => Object.hasOwn(names, each))
  const mapped = key === undefined ? undefined : names[key]
  // A port alone is put to any host here, to be read by the one reader there is.
  const where = parseHostPort(mapped?.startsWith(':') ? `port-only${mapped}` : (mapped ?? ''))
  if (mapped === undefined || where === undefined) return { host, port, mapped: false }
  return { host: mapped.startsWith(':') ? host : where.host, port: where.port ?? port, mapped: true }
}

async function fetchIssuer(url: string, subject: X509Certificate, limits: Limits, tools: FetchTools): Promise<Fetched> {
  const { host, port, mapped } = placeOf(url, tools.names)
  const budget = AbortSignal.timeout(limits.timeoutMs)
  const bounded = { signal: AbortSignal.any([limits.signal, budget]), timeoutMs: limits.timeoutMs }
  const whyEnded = (): Fetched => ({ outcome: limits.signal.aborted ? 'aborted' : 'timeout' })

  const resolved = await addressOf(host, bounded, tools)
  if (bounded.signal.aborted) return whyEnded()
  if (resolved.address === undefined) {
    return { outcome: 'unreachable', detail: `${host} was not resolved: ${resolved.outcome}` }
  }
  const address = parseAddress(resolved.address)
  // A certificate is the peer's word: it must not be able to send this machine to an address inside.
  if (!mapped && (address === undefined || !isPublic(address))) {
    return { outcome: 'refused-address', detail: `${host} is ${resolved.address}, which is not public` }
  }

  const { seen, socket } = await connect({ address: resolved.address, port }, bounded, tools.clock)
  if (socket === undefined) {
    if (seen.outcome === 'timeout' || seen.outcome === 'aborted') return whyEnded()
    return { outcome: 'unreachable', detail: seen.code ?? seen.outcome }
  }
  const question = { url, address: resolved.address, method: 'GET' } as const
  const answer = await exchange(socket, question, bounded, { ...tools, maxBodyBytes: maxCertificateBytes })
  const { outcome, status } = answer.seen
  if (outcome === 'timeout' || outcome === 'aborted') return whyEnded()
  if (outcome === 'too-large' || outcome === 'not-http') return { outcome: 'not-a-certificate', detail: outcome }
  if (outcome !== 'response') return { outcome: 'unreachable', detail: outcome }
  if (status !== 200) return { outcome: 'http-status', ...(status !== undefined && { status }) }
  return issuerIn(answer.body, subject, answer.seen.headers['content-type'])
}

async function addressOf(
  host: string,
  limits: Limits,
  tools: FetchTools,
): Promise<{ readonly address?: string; readonly outcome: string }> {
  if (parseAddress(host) !== undefined) return { address: host, outcome: 'answer' }
  const question = { name: host, resolver: 'system', resolverRole: 'system', transport: 'udp' } as const
  const ipv4 = await lookup({ ...question, type: 'A' }, limits, tools)
  const seen = ipv4.answers.length > 0 ? ipv4 : await lookup({ ...question, type: 'AAAA' }, limits, tools)
  const [address] = seen.answers
  return { outcome: seen.outcome, ...(address !== undefined && { address }) }
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
  if (text.includes('-----BEGIN')) return readPem(text).certificates
  return (pkcs7Certificates(body) ?? [body]).flatMap((der) => {
    try {
      return [new X509Certificate(der)]
    } catch {
      return []
    }
  })
}
