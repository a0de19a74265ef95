import { isLoopback, isPrivate, parseAddress } from '../model/cidr.ts'
import type { HttpExchange, ServiceExchange, TlsHandshake, UdpExchange } from '../model/observation.ts'
import { organisation, sameName } from './names.ts'
import { isOwn } from './observations.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { duration, listed } from './wording.ts'

/** This machine's clock against others': judged before what dates say. */
export const clockRules: readonly Rule[] = [{ cause: 'clock-wrong', match: clockWrong }]

/** How far two clocks may be apart before a certificate or a Kerberos ticket suffers, in milliseconds. */
export const toleratedSkewMs = 300_000

/** Above this a person is told; at `toleratedSkewMs` Kerberos begins to refuse (RFC 4120 §1.3). In milliseconds. */
export const noticedSkewMs = 60_000

/** The clock of a server, by the Date field of its answer (RFC 9110 §6.6.1), by NTP, or by what its own protocol tells. */
export interface Clock {
  readonly exchange: HttpExchange | UdpExchange | ServiceExchange
  /** The server's clock less this machine's, in milliseconds. */
  readonly skewMs: number
}

/** The clocks that answers gave away. A cached answer tells the time of another day (RFC 9111 §5.1): it is passed over. */
export function clocksOf({ exchanges, controlExchanges, kinds }: Seen): readonly Clock[] {
  const clocks: Clock[] = []
  for (const told of [kinds['udp-exchange'], kinds['service-exchange']]) {
    for (const exchange of told) {
      const skewMs = skewOf(exchange)
      if (skewMs !== undefined) clocks.push({ exchange, skewMs })
    }
  }
  for (const dated of [exchanges.worked, controlExchanges]) {
    for (const exchange of dated) {
      const { date, age } = exchange.headers
      if (date === undefined || (age !== undefined && age !== '0')) continue
      const skewMs = Date.parse(date) - Date.parse(exchange.at)
      if (!Number.isNaN(skewMs)) clocks.push({ exchange, skewMs })
    }
  }
  return clocks
}

/**
 * The server's clock less this machine's in milliseconds, as a service tells it by the way (Kerberos, LDAP, SMB), or a
 * time server on request.
 */
export function skewOf(exchange: UdpExchange | ServiceExchange): number | undefined {
  const { answer } = exchange
  if (answer !== undefined && 'skewMs' in answer) return answer.skewMs
  return exchange.kind === 'udp-exchange' ? offsetOf(exchange) : undefined
}

/** The server's clock less this machine's in milliseconds, where a time server says that its clock follows a source. */
export function offsetOf({ time }: UdpExchange): number | undefined {
  if (time?.kind !== 'time' || time.leap === 'unsynchronised' || time.stratum < 1 || time.stratum > 15) return undefined
  return time.offsetMs
}

/**
 * The time to hold dates against, in milliseconds since 1970: this machine's, unless clocks of several organisations
 * agree with each other and not with it. One server's clock alone moves nothing: it may be the wrong one.
 */
export function timeOf(seen: Seen): { readonly ms: number; readonly by: readonly Clock[] } {
  const ms = Date.parse(seen.context.judgedAt)
  const told = clocksOf(seen)
  if (told.length === 0) return { ms, by: [] }
  const clocks = oneAnOrganisation(told, seen)
  const [middle] = clocks.toSorted((one, other) => one.skewMs - other.skewMs).slice(Math.floor(clocks.length / 2))
  if (middle === undefined || Math.abs(middle.skewMs) <= toleratedSkewMs) return { ms, by: [] }
  const agreeing = clocks.filter(({ skewMs }) => Math.abs(skewMs - middle.skewMs) <= toleratedSkewMs)
  return agreeing.length > 1 && agreeing.length === clocks.length
    ? { ms: ms + middle.skewMs, by: agreeing }
    : { ms, by: [] }
}

function oneAnOrganisation(clocks: readonly Clock[], seen: Seen): readonly Clock[] {
  const byOrganisation = Map.groupBy(clocks, (clock) => organisationOf(clock, seen))
  return [...byOrganisation.values()].flatMap(([first]) => first ?? [])
}

/** Machines of the inside follow one another: together they are one clock, that of the site. */
function organisationOf({ exchange }: Clock, { flow, context }: Seen): string {
  if (exchange.kind === 'http-exchange') return organisation(serverOf({ exchange }))
  if (isOwn(exchange) && flow.target.name !== undefined) return organisation(flow.target.name)
  const address = parseAddress(exchange.address)
  const inside = address !== undefined && (isPrivate(address) || isLoopback(address))
  return inside ? organisation(context.domain ?? '') : exchange.address
}

function clockWrong(seen: Seen): Match | undefined {
  const { shaken, peers, context } = seen
  const judgedAt = Date.parse(context.judgedAt)
  if (shaken === undefined) return undefined
  const own = standing(shaken, judgedAt)
  if (own === 'valid' || own === 'undated') return undefined
  const clocks = clocksOf(seen)
  const against = clocks.filter(
    ({ skewMs }) => Math.abs(skewMs) > toleratedSkewMs && standing(shaken, judgedAt + skewMs) === 'valid',
  )
  // A clock that sees what this machine sees bears it out.
  if (against.length < clocks.length) return undefined
  const unrelated = unrelatedTo(shaken, peers)
  const alike = unrelated.filter((peer) => standing(peer, judgedAt) === own)
  const valid = unrelated.some((peer) => standing(peer, judgedAt) === 'valid')
  if (alike.length + against.length === 0 || (valid && against.length === 0)) return undefined
  const word = own === 'expired' ? 'expired' : 'not yet valid'
  const [clock] = against
  const { by } = timeOf(seen)
  const off = clock === undefined ? '' : offBy(clock.skewMs, by.length > 0 ? by : [clock])
  const names = [shaken, ...alike].map(({ serverName, address }) => serverName ?? address)
  const sure = by.length > 0 || (alike.length > 0 && against.length > 0)
  return {
    confidence: sure ? 'certain' : alike.length > 0 ? 'likely' : 'possible',
    says:
      alike.length > 0
        ? `the certificates of ${listed(names)}, which have nothing in common, all look ${word} to this machine${off}`
        : `the certificate of ${listed(names)} looks ${word} to this machine only${off}`,
    fix: "set this machine's clock by its time source",
    alternatives: sure ? [] : [own === 'expired' ? 'cert-expired' : 'cert-not-yet-valid'],
    nextProbe: 'compare the clock of this machine with a domain controller and with a public server',
    decidedBy: idsOf(
      [shaken],
      alike,
      against.map(({ exchange }) => exchange),
    ),
  }
}

function offBy(skewMs: number, clocks: readonly Clock[]): string {
  const way = `${duration(Math.abs(skewMs))} ${skewMs < 0 ? 'ahead' : 'behind'}`
  const others = listed(clocks.map(serverOf))
  return clocks.length > 1
    ? `; its clock is ${way}: those of ${others} agree with each other and not with it`
    : `; its clock is ${way} of that of ${others}`
}

/** How the dates of a leaf stand to a time in milliseconds since 1970: `undated` when one of them is no time. */
function standing({ chain }: TlsHandshake, now: number): 'valid' | 'expired' | 'not-yet-valid' | 'undated' {
  const leaf = chain[0]
  if (leaf === undefined) return 'undated'
  const from = Date.parse(leaf.notBefore)
  const to = Date.parse(leaf.notAfter)
  if (Number.isNaN(now) || Number.isNaN(from) || Number.isNaN(to)) return 'undated'
  if (now > to) return 'expired'
  return now < from ? 'not-yet-valid' : 'valid'
}

/** One handshake an organisation and a CA, none of them the flow's own: what one CA let run out proves no clock. */
function unrelatedTo(shaken: TlsHandshake, peers: readonly TlsHandshake[]): readonly TlsHandshake[] {
  const organisations = new Set([organisation(shaken.serverName ?? shaken.address)])
  const authorities = new Set([authorityOf(shaken)])
  return peers.filter((peer) => {
    const group = organisation(peer.serverName ?? peer.address)
    const authority = authorityOf(peer)
    if (authority === undefined || organisations.has(group) || authorities.has(authority)) return false
    if (sameName(peer.serverName, shaken.serverName)) return false
    organisations.add(group)
    authorities.add(authority)
    return true
  })
}

/** The CA that is answerable for a leaf: the issuing one in public, where one root stands above many; else the root. */
function authorityOf({ chain, anchoredIn }: TlsHandshake): string | undefined {
  return anchoredIn.includes('node') ? chain[0]?.issuer : chain.at(-1)?.issuer
}

export function serverOf({ exchange }: Pick<Clock, 'exchange'>): string {
  if (exchange.kind !== 'http-exchange' || !URL.canParse(exchange.url)) return exchange.address
  return new URL(exchange.url).hostname
}
