import type { HttpExchange, TlsHandshake } from '../model/observation.ts'
import { areUnrelated } from './names.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { commonName, listed, placeOf } from './wording.ts'

/**
 * A portal that stands before TLS as well: names that have nothing in common all meet it where their own TLS belongs. What
 * one name meets alone is that name's own matter.
 */
export const portalBeforeTls: Rule = {
  cause: 'captive-portal',
  match: (seen) => (seen.flow.direction === 'outbound-internet' ? (plainInstead(seen) ?? sameFace(seen)) : undefined),
}

const fix = 'sign in on the page, or exempt this machine from the portal'

/** Plain HTTP with a page of its own, on the TLS port of unrelated names. */
function plainInstead({ stop, flow, plainExchanges, kinds }: Seen): Match | undefined {
  if (stop?.phase !== 'tls' || !stop.failed.every(({ outcome }) => outcome === 'not-tls')) return undefined
  const page = plainExchanges.find((one) => pageOf(one) !== undefined)
  const name = flow.target.name
  if (page === undefined || name === undefined) return undefined
  const alike = kinds['tls-handshake'].filter(
    ({ outcome, serverName, role }) =>
      outcome === 'not-tls' && role === 'context' && serverName !== undefined && areUnrelated(serverName, name),
  )
  if (alike.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} answers in plain HTTP with ${pageOf(page)}, and ${namesIn(alike)}, which ${alike.length > 1 ? 'have' : 'has'} nothing in common with it, ${alike.length > 1 ? 'speak' : 'speaks'} no TLS either`,
    fix,
    alternatives: ['http-page-on-api', 'wrong-target-dnat'],
    nextProbe: `open http://${name}/ in a browser on this machine`,
    decidedBy: idsOf(stop.failed, [page], alike),
  }
}

/** One certificate under unrelated names, which names none of them, and a page instead of the service. */
function sameFace({ shaken, flow, exchanges, peers }: Seen): Match | undefined {
  const leaf = shaken?.chain[0]
  if (shaken === undefined || leaf === undefined || shaken.nameMatches !== false) return undefined
  const page = exchanges.worked.find((one) => pageOf(one) !== undefined)
  const name = shaken.serverName
  if (page === undefined || name === undefined) return undefined
  const alike = peers.filter(
    ({ serverName, chain, nameMatches }) =>
      nameMatches === false &&
      chain[0]?.sha256 === leaf.sha256 &&
      serverName !== undefined &&
      areUnrelated(serverName, name),
  )
  if (alike.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} and ${namesIn(alike)}, which have nothing in common, all show the certificate of "${commonName(leaf.subject)}"; behind it is ${pageOf(page)}`,
    fix,
    alternatives: ['resolver-filters', 'http-page-on-api', 'interception-untrusted'],
    nextProbe: `open http://${name}/ in a browser on this machine, and ask another resolver for its address`,
    decidedBy: idsOf([shaken, page], alike),
  }
}

function namesIn(handshakes: readonly TlsHandshake[]): string {
  return listed(handshakes.map(({ serverName = '' }) => serverName))
}

/** A page that is there for people, or the way to one elsewhere: undefined for every other answer. */
function pageOf({ status = 0, headers, url, body }: HttpExchange): string | undefined {
  if (status === 511) return 'the wish for a sign-in (511)'
  const location = headers['location']
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location) && URL.canParse(url)) {
    const to = new URL(location).hostname
    return areUnrelated(to, new URL(url).hostname) ? `a redirect to ${to}` : undefined
  }
  const title = body.title ?? ''
  return status === 200 && body.kind === 'html' && title !== '' ? `the page "${title}"` : undefined
}
