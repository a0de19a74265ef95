import { flowRows, matchesPattern, namesOf } from '../catalog/index.ts'
import type { Owner } from '../model/cause.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { RevocationCheck } from '../model/observation.ts'
import { clocksOf, timeOf } from './clock.ts'
import { isOwn } from './observations.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { commonName, dayOf, duration, listed, placeOf } from './wording.ts'

/** What a signed answer says of a certificate. */
export const revokedRules: readonly Rule[] = [{ cause: 'revoked', match: revoked }]

/** Judged when the conversation itself went well: nobody could say whether the certificates still count. */
export const revocationRules: readonly Rule[] = [
  { cause: 'crl-stale', match: outdated },
  { cause: 'revocation-unreachable', match: unreachable },
]

/** One certificate of the flow's own chain and every way in which its state was asked for. */
interface Asked {
  readonly facts: CertificateFacts | undefined
  readonly ways: readonly [RevocationCheck, ...RevocationCheck[]]
}

function revoked(seen: Seen): Match | undefined {
  const { shaken, flow } = seen
  const said = asked(seen).flatMap(({ facts, ways }) =>
    ways.filter(({ outcome }) => outcome === 'revoked').map((way) => ({ facts, way })),
  )
  const [first] = said
  if (shaken === undefined || first === undefined) return undefined
  const { revokedAt, reason, subject } = first.way
  const isLeaf = first.facts === shaken.chain[0]
  const whose = isLeaf ? 'the certificate' : `the issuing certificate "${commonName(subject)}" above that`
  const since = revokedAt === undefined ? '' : ` on ${dayOf(revokedAt)}`
  const why = reason === undefined ? '' : ` (${reason})`
  const onHold = reason === 'certificateHold'
  return {
    confidence: 'certain',
    says: `${whose} on ${placeOf(flow)} was revoked${since}${why}, says ${listed(said.map(({ way }) => sourceOf(way)))}`,
    fix: onHold
      ? `ask "${issuerOf(first)}" whether the hold on "${commonName(subject)}" will end, or replace the certificate`
      : `replace the certificate of "${commonName(subject)}" and its key: what is revoked stays so`,
    alternatives: [],
    decidedBy: idsOf(
      [shaken],
      said.map(({ way }) => way),
    ),
  }
}

function outdated(seen: Seen): Match | undefined {
  const { shaken, context } = seen
  if (shaken === undefined || seen.stop !== undefined) return undefined
  const now = timeOf(seen).ms
  const isPast = ({ outcome, nextUpdate }: RevocationCheck, at: number): boolean =>
    outcome === 'stale' && nextUpdate !== undefined && Date.parse(nextUpdate) < at
  for (const certificate of unsettled(seen)) {
    const { facts, ways } = certificate
    const past = ways.filter((way) => isPast(way, now))
    const way = past.find(({ method }) => method === 'crl') ?? past[0]
    if (way?.nextUpdate === undefined) continue
    const judgedAt = Date.parse(context.judgedAt)
    const confirming = clocksOf(seen).filter(({ skewMs }) => past.every((one) => isPast(one, judgedAt + skewMs)))
    const others = ways.filter((one) => !past.includes(one))
    const away = duration(now - Date.parse(way.nextUpdate))
    const issuer = issuerOf({ facts, way })
    return {
      confidence: confirming.length > 0 ? 'certain' : 'likely',
      says: `${sourceOf(way)} was to be replaced on ${dayOf(way.nextUpdate)}, ${away} ago, and nothing else tells whether ${whoseOf(certificate, seen)} is revoked${others.length > 0 ? `: ${listed(others.map(failureOf))}` : ''}`,
      fix: `let "${issuer}" publish anew (certutil -CRL), and mend the job that should have`,
      alternatives: confirming.length > 0 ? [] : ['clock-wrong'],
      ...(confirming.length === 0 && {
        nextProbe: 'compare the clock of this machine with a domain controller and with a public server',
      }),
      decidedBy: idsOf(
        [shaken],
        ways,
        confirming.map(({ exchange }) => exchange),
      ),
    }
  }
  return undefined
}

function unreachable(seen: Seen): Match | undefined {
  const { shaken, stop } = seen
  const [first, ...more] = unsettled(seen)
  if (shaken === undefined || stop !== undefined || first === undefined) return undefined
  const all = [first, ...more].flatMap(({ ways }) => ways)
  const silent = first.ways.some(({ outcome }) => outcome === 'timeout')
  const owner = ownerOf(first.ways)
  const also = more.length > 0 ? `; the same with "${listed(more.map(({ ways }) => commonName(ways[0].subject)))}"` : ''
  return {
    confidence: silent ? 'likely' : 'certain',
    says: `nothing tells whether ${whoseOf(first, seen)} is revoked: ${listed(first.ways.map(failureOf))}${also}`,
    fix: fixOf(owner, all, seen),
    alternatives: [],
    ...(silent && {
      nextProbe: `fetch ${listed(first.ways.flatMap(({ outcome, url }) => (outcome === 'timeout' && url !== undefined ? [url] : [])))} from this machine`,
    }),
    decidedBy: idsOf([shaken], all),
    owner,
  }
}

/** The ids of the flows by which the catalog has the opener of this flow reach the hosts that were not reached. */
export function flowsToRevocation(seen: Seen): readonly string[] {
  const hosts = unsettled(seen).flatMap(({ ways }) => ways.flatMap(hostsOf))
  const { flow, context } = seen
  if (hosts.length === 0) return []
  return flowRows
    .filter(({ from, to }) => from === flow.fromRole && to === 'crl-ocsp')
    .filter((row) =>
      namesOf(row, context.cloud).some(
        ({ pattern, ports }) => ports.includes(80) && hosts.some((host) => matchesPattern(pattern, host)),
      ),
    )
    .map(({ id }) => id)
}

/** The flow's own questions, one entry a certificate, in the order of the chain. */
function asked({ kinds, shaken }: Seen): readonly Asked[] {
  const own = kinds['revocation-check'].filter(isOwn)
  if (own.length === 0) return []
  const bySerial = Map.groupBy(own, ({ subject, serial }) => `${serial} ${subject}`)
  return [...bySerial.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const facts = shaken?.chain.find(({ serial, subject }) => serial === first.serial && subject === first.subject)
    return [{ facts, ways: [first, ...others] as const }]
  })
}

/** Ends that say nothing of the way: it was not gone to its end by us. */
const unasked: ReadonlySet<RevocationCheck['outcome']> = new Set(['refused-address', 'tool-limit', 'aborted'])

/** Certificates of which no way told the state, though each was gone to its end. */
function unsettled(seen: Seen): readonly Asked[] {
  return asked(seen).filter(({ ways }) =>
    ways.every(({ outcome }) => outcome !== 'good' && outcome !== 'revoked' && !unasked.has(outcome)),
  )
}

function issuerOf({
  facts,
  way,
}: {
  readonly facts: CertificateFacts | undefined
  readonly way: RevocationCheck
}): string {
  return commonName(facts?.issuer ?? way.subject)
}

function whoseOf({ facts, ways: [{ subject }] }: Asked, { shaken, flow }: Seen): string {
  return facts === shaken?.chain[0]
    ? `the certificate on ${placeOf(flow)}`
    : `the issuing certificate "${commonName(subject)}" above that on ${placeOf(flow)}`
}

function sourceOf({ method, url }: RevocationCheck): string {
  if (method === 'staple') return 'the answer that the server staples'
  return `${method === 'crl' ? 'the list' : 'the responder'}${url === undefined ? '' : ` at ${url}`}`
}

/** How one way failed, with the host and port where it is a matter of them. */
function failureOf(way: RevocationCheck): string {
  const { outcome, status, title, detail, through, bytesIn } = way
  const what = sourceOf(way)
  const page = title === undefined ? '' : ` ("${title}")`
  const by = through === undefined ? '' : ` through ${through}`
  switch (outcome) {
    case 'unreachable':
      return `${placeOfUrl(way)} is not reached${by} (${detail ?? 'no word why'})`
    case 'timeout':
      if (bytesIn !== undefined)
        return `${placeOfUrl(way)} does not finish its answer${by} (${bytesIn} octets of it came)`
      // Without a word of it the silence was at the address; else it was before, such as at the name.
      return detail === undefined
        ? `${placeOfUrl(way)} does not answer${by}`
        : `${placeOfUrl(way)} is not reached${by} (${detail})`
    case 'http-status':
      return `${what} answers ${status ?? 'without a status'}${by}${page}`
    case 'not-an-answer':
      return `${what} answers with ${title === undefined ? (detail ?? 'something else') : `a web page "${title}"`}${by}`
    case 'too-large':
      return `${what} sends more than is read`
    case 'bad-signature':
      return `${what} has no signature of the issuer`
    case 'other-certificate':
      return detail === undefined ? `${what} speaks of another certificate` : `${what} does not count: ${detail}`
    case 'unknown-certificate':
      return `${what} knows no such certificate`
    case 'responder-refused':
      return `${what} refuses to answer (${detail ?? 'no word why'})`
    case 'stale':
      return `${what} is out of date`
    case 'not-yet-valid':
      return `${what} is not valid yet`
    case 'good':
    case 'revoked':
    case 'refused-address':
    case 'tool-limit':
    case 'aborted':
      return `${what}: ${outcome}`
    default:
      return outcome satisfies never
  }
}

function placeOfUrl(way: RevocationCheck): string {
  const { url = '' } = way
  if (!URL.canParse(url)) return sourceOf(way)
  const { hostname, port } = new URL(url)
  return `${hostname}:${port === '' ? 80 : port}`
}

function hostsOf({ url = '' }: RevocationCheck): readonly string[] {
  return URL.canParse(url) ? [new URL(url).hostname] : []
}

/** Statuses by which something on the way speaks and not the server: sign in, not allowed, blocked, go elsewhere. */
const statusesOfTheWay: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 401, 403, 407, 451, 511])

/** Whose turn it is, by how one way failed: what stands in the way goes before what is published. */
function ownerOf(ways: readonly RevocationCheck[]): Owner {
  const owners = new Set(ways.map(ownerOfWay))
  return (['proxy', 'dns', 'firewall', 'pki'] as const).find((owner) => owners.has(owner)) ?? 'firewall'
}

function ownerOfWay({ outcome, status, title, detail = '', through }: RevocationCheck): Owner {
  if (outcome === 'unreachable' || outcome === 'timeout') {
    if (through !== undefined) return 'proxy'
    return detail.includes('was not resolved') ? 'dns' : 'firewall'
  }
  if (outcome === 'http-status') return statusesOfTheWay.has(status ?? 0) ? 'proxy' : 'pki'
  return outcome === 'not-an-answer' && title !== undefined ? 'proxy' : 'pki'
}

function fixOf(owner: Owner, ways: readonly RevocationCheck[], seen: Seen): string {
  const concerned = ways.filter((way) => ownerOfWay(way) === owner)
  const places = listed(concerned.map(placeOfUrl))
  const rows = flowsToRevocation(seen)
  const known = rows.length > 0 ? ` (${listed(rows)} of the plan)` : ''
  switch (owner) {
    case 'proxy':
      return `let the web filter pass plain HTTP to ${places} unchanged and without sign-in${known}: services that check revocation cannot sign in`
    case 'dns':
      return `let ${listed(concerned.flatMap(hostsOf))} be resolved from here${known}`
    case 'pki':
      return `look at what is published at ${listed(concerned.map(({ url, method }) => url ?? method))}`
    default: {
      // Who refuses may be the server itself, where it is the site's own.
      const isRefused = known === '' && concerned.some(({ outcome }) => outcome === 'unreachable')
      return `allow tcp ${seen.from} -> ${places}${known}${isRefused ? '; if it is, let the server listen there' : ''}`
    }
  }
}
