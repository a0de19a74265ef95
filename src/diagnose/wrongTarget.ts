import { hostPort } from '../model/hostPort.ts'
import { deviceOfCertificate, deviceOfPage } from './devices.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { commonName, hostOf, listed } from './wording.ts'

/**
 * Something else answers in the place of the service, and names itself. Judged after interception and what resolvers do:
 * a device that stands on the way out on purpose shows the same marks.
 */
export const wrongTargetRules: readonly Rule[] = [{ cause: 'wrong-target-dnat', match: wrongTarget }]

function wrongTarget(seen: Seen): Match | undefined {
  const { shaken, chain, flow, address, exchanges, plainExchanges, peers, otherAddresses, stop } = seen
  const name = flow.target.name
  // What presents a certificate for the very name is the machine that the name means, whatever product it is.
  if (name === undefined || shaken?.nameMatches === true) return undefined
  const place = hostPort(address ?? hostOf(flow), flow.target.port)
  const fix = `correct the translation of ${place}: it leads to another machine than ${name}`
  const nextProbe = `read the destination NAT rules for ${place}, then the DNS record of ${name}`
  const distrusted =
    shaken !== undefined &&
    (shaken.nameMatches === false || (chain?.kind === 'cannot-know' && chain.because === 'self-signed'))
  const pages = [...exchanges.worked, ...plainExchanges]
  const page = pages.find((one) => deviceOfPage(one) !== undefined)
  const notTls = stop?.phase === 'tls' && stop.failed.every(({ outcome }) => outcome === 'not-tls')
  // On the way out nobody's translation is at work as a rule, and block pages carry the marks of the device that blocks.
  const outward = flow.direction === 'outbound-internet' || chain?.expectation === 'microsoft'
  const published = outward || (chain !== undefined && chain.expectation !== 'any-store')
  const product =
    (distrusted ? deviceOfCertificate(shaken) : undefined) ??
    (page !== undefined && (distrusted || notTls || (published && chain?.kind !== 'genuine'))
      ? deviceOfPage(page)
      : undefined)
  const subject = shaken?.chain[0] === undefined ? '' : commonName(shaken.chain[0].subject)
  if (product !== undefined) {
    const named =
      shaken !== undefined && deviceOfCertificate(shaken) === product
        ? `certificate of "${subject}"`
        : `page "${page?.body.title ?? page?.headers['server'] ?? ''}"`
    const decidedBy = idsOf(shaken ? [shaken] : [], page ? [page] : [], notTls ? stop.failed : [])
    if (outward) {
      return {
        confidence: 'possible',
        says: `${product} answers at ${place} instead of ${name} (${named}): its block page, or a translation that leads to it`,
        fix: `allow ${flow.target.pattern ?? name} on the ${product}; if it does not block it, ${fix}`,
        alternatives: ['interception-untrusted', 'resolver-filters', 'captive-portal'],
        nextProbe: `read the log of the ${product} for ${name}, and ask another resolver for its address`,
        decidedBy,
      }
    }
    return {
      confidence: 'certain',
      says: `${product} answers at ${place} instead of ${name} (${named})`,
      fix,
      alternatives: [],
      nextProbe,
      decidedBy,
    }
  }
  if (shaken?.nameMatches !== false || shaken.chain[0]?.selfSigned !== true) return undefined
  const siblings = [
    ...otherAddresses,
    ...peers.filter((peer) => peer.address === address && peer.port !== shaken.port),
  ].filter(({ nameMatches }) => nameMatches === true)
  if (siblings.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${place} answers with a self-signed certificate of "${subject}"; ${listed(siblings.map((peer) => hostPort(peer.address, peer.port)))} shows the right one`,
    fix,
    alternatives: outward ? ['name-mismatch', 'interception-untrusted'] : ['name-mismatch'],
    nextProbe,
    decidedBy: idsOf([shaken], siblings),
  }
}
