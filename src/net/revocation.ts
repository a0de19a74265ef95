import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { RevocationCheck, Unfiled } from '../model/observation.ts'
import type { CertificateParts } from '../wire/certificateParts.ts'
import { certificateParts } from '../wire/certificateParts.ts'
import { maxOcspOctets, ocspRequest } from '../wire/ocsp.ts'
import { BoundedMap } from './boundedMap.ts'
import type { VerifiedChain } from './chain.ts'
import { startStamp } from './clock.ts'
import type { FetchedOctets, OctetTools } from './fetchOctets.ts'
import { fetchOctets, isFetchable } from './fetchOctets.ts'
import type { Limits, ProxyWay } from './net.ts'
import type { AnswerRead, Issued, OpenedList } from './revocationAnswer.ts'
import { certificateId, openList, readList, readOcsp } from './revocationAnswer.ts'
import type { SharedOctets } from './sharedFetches.ts'
import { createSharedFetches } from './sharedFetches.ts'

/** Asks for the state of certificates, and fetches once what several of them need. */
export interface RevocationDesk {
  /** See `Net.revocation`. */
  ask(chain: VerifiedChain, limits: Limits, through?: ProxyWay): Promise<readonly Unfiled<RevocationCheck>[]>
}

/** The largest lists of public CAs have some ten million octets. */
const mostListOctets = 33_554_432
const bounds = { mostKept: 512, mostOctets: 67_108_864 } as const
/** Issuing CAs of a site number in the tens; the rest are leaves that are met once or twice. */
const mostRemembered = 512

/** A certificate that is asked about, with its issuer. */
interface Subject extends Issued {
  readonly facts: Pick<CertificateFacts, 'subject' | 'serial'>
  readonly parts: CertificateParts
}

/** What all questions of one chain have in common. */
interface Asking {
  /** The CA's word counts for addresses inside: the site or this machine trusts it, and it is no stranger's. */
  readonly inside: boolean
  readonly limits: Limits
  readonly through?: ProxyWay
}

/**
 * What it fetches lives as long as it does: lists and answers for ten minutes, at most 64 MiB in all, a list at most
 * 32 MiB.
 */
export function createRevocationDesk(tools: OctetTools): RevocationDesk {
  const { clock } = tools
  const shared = createSharedFetches((wanted, limits) => fetchOctets(wanted, limits, tools), clock, bounds)
  const opened = new WeakMap<Uint8Array, { readonly list: OpenedList | undefined }>()
  const partsOf = new BoundedMap<string, { readonly parts: CertificateParts | undefined }>(mostRemembered)
  const open = (octets: Uint8Array): OpenedList | undefined => {
    const held = opened.get(octets) ?? { list: openList(octets) }
    opened.set(octets, held)
    return held.list
  }

  /** The certificates below the root, each with the one above it. */
  function subjectsOf({ chain, certificates }: VerifiedChain): readonly Subject[] {
    return certificates.flatMap((certificate, at) => {
      const issuer = certificates[at + 1]
      const facts = chain[at]
      if (issuer === undefined || facts === undefined) return []
      const { parts } = partsOf.take(facts.sha256, () => ({ parts: certificateParts(certificate.raw) }))
      return parts === undefined ? [] : [{ certificate, issuer, facts, parts }]
    })
  }

  async function askList(url: string, subject: Subject, asking: Asking): Promise<Unfiled<RevocationCheck>> {
    const { limits, ...way } = asking
    const came = await shared.take({ url, most: mostListOctets, ...way }, limits)
    const read = readFetched(came.fetched, (octets) => readList(open(octets), subject, clock.now()))
    return told('crl', subject, url, way.through, came, read)
  }

  async function askResponder(url: string, subject: Subject, asking: Asking): Promise<Unfiled<RevocationCheck>> {
    const { limits, ...way } = asking
    const question = questionAt(url, subject)
    const came = await shared.take({ url: question, most: maxOcspOctets, ...way }, limits)
    const read = readFetched(came.fetched, (octets) => readOcsp(octets, subject, clock.now()))
    return told('ocsp', subject, url, way.through, came, read)
  }

  function readStaple(staple: Uint8Array, subject: Subject): Unfiled<RevocationCheck> {
    const stamp = startStamp(clock)
    const read = { ...readOcsp(staple, subject, clock.now()), bytes: staple.length }
    return told('staple', subject, undefined, undefined, stamp(), read)
  }

  return {
    async ask(chain, limits, through) {
      const { anchoredIn, staple } = chain
      const subjects = subjectsOf(chain)
      const nowhere = subjects.every(({ parts }) => parts.ocsp.length + parts.crl.length === 0)
      if (nowhere && staple === undefined) return []
      const inside = anchoredIn.includes('site') || anchoredIn.includes('machine')
      const asking = { inside, limits, ...(through !== undefined && { through }) }
      const told = await Promise.all(
        subjects.flatMap((subject) => {
          const { ocsp, crl } = subject.parts
          const isStapled = staple !== undefined && subject.certificate === chain.certificates[0]
          return [
            ...(isStapled ? [[readStaple(staple, subject)]] : []),
            inTurn(ocsp, (url) => askResponder(url, subject, asking)),
            inTurn(crl, (url) => askList(url, subject, asking)),
          ]
        }),
      )
      return told.flat()
    },
  }
}

/** Addresses of one kind that are gone to: Windows has given up by the time it would come to a third. */
const mostInTurn = 2

/** One address after the other until one settles the matter; each answer is judged by itself. */
async function inTurn(
  addresses: readonly string[],
  ask: (url: string) => Promise<Unfiled<RevocationCheck>>,
): Promise<readonly Unfiled<RevocationCheck>[]> {
  const told: Unfiled<RevocationCheck>[] = []
  for (const url of [...new Set(addresses.filter(isFetchable))].slice(0, mostInTurn)) {
    const check = await ask(url)
    told.push(check)
    if (isLast[check.outcome]) break
  }
  return told
}

/** Whether another address is not asked any more: the state is known, or it is we who cannot ask. */
const isLast: Readonly<Record<RevocationCheck['outcome'], boolean>> = {
  good: true,
  revoked: true,
  aborted: true,
  'tool-limit': true,
  'unknown-certificate': false,
  stale: false,
  'not-yet-valid': false,
  'bad-signature': false,
  'other-certificate': false,
  'not-an-answer': false,
  'responder-refused': false,
  'http-status': false,
  'too-large': false,
  unreachable: false,
  timeout: false,
  'refused-address': false,
}

/** The question as part of the address (RFC 6960 A.1): what responders and the caches before them are made for. */
function questionAt(url: string, subject: Subject): string {
  const id = certificateId(subject)
  const question = id === undefined ? '' : Buffer.from(ocspRequest(id)).toString('base64')
  return `${url.replace(/\/$/, '')}/${encodeURIComponent(question)}`
}

type Read = AnswerRead & Pick<RevocationCheck, 'status' | 'title' | 'bytes' | 'bytesIn'>

function readFetched(fetched: FetchedOctets, read: (octets: Uint8Array) => AnswerRead): Read {
  if (fetched.kind === 'failed') {
    const { outcome, detail, bytesIn } = fetched
    if (outcome === 'not-http') return { outcome: 'not-an-answer', detail: 'no HTTP' }
    return { outcome, ...(detail !== undefined && { detail }), ...(bytesIn !== undefined && { bytesIn }) }
  }
  const { status, octets, title, type } = fetched
  const page = { bytes: octets.length, ...(title !== undefined && { title }) }
  if (status !== 200) return { outcome: 'http-status', ...(status !== undefined && { status }), ...page }
  const answer = read(octets)
  if (answer.outcome !== 'not-an-answer') return { ...answer, bytes: octets.length }
  return { ...answer, ...page, detail: `${octets.length} octets of ${type ?? 'no stated type'}` }
}

function told(
  method: RevocationCheck['method'],
  { facts: { subject, serial } }: Subject,
  url: string | undefined,
  through: ProxyWay | undefined,
  { at, ms }: Pick<SharedOctets, 'at' | 'ms'>,
  read: Read,
): Unfiled<RevocationCheck> {
  return {
    kind: 'revocation-check',
    at,
    ms,
    method,
    ...(url !== undefined && { url }),
    ...(through !== undefined && { through: through.name }),
    subject,
    serial,
    ...read,
  }
}
