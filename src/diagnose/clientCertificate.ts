import type { Flow } from '../model/flow.ts'
import type { Role } from '../model/role.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { commonName, hostOf, listed, placeOf } from './wording.ts'

/** Judged when the certificate of the server itself is well: whether it asks for one of the client. */
export const clientCertificateRules: readonly Rule[] = [{ cause: 'mtls-terminated', match: neverAsked }]

/** Ends at which people sign in to AD FS with a certificate. */
const federationEnds: ReadonlySet<Role> = new Set(['wap', 'adfs', 'adfs-wap', 'load-balancer'])

/** The port of certificate authentication (AD FS requirements), where the farm does not use a name of its own at 443. */
const certificatePort = 49443

/**
 * A farm asks for the certificate in the handshake. Who ends TLS before it with another handshake of its own has the right
 * certificate, and asks for nothing. A server that speaks TLS 1.3 cannot ask a client later that does not offer it (RFC 8446
 * §4.6.2), as browsers do not; one that speaks TLS 1.2 can, by negotiating anew.
 */
function neverAsked(seen: Seen): Match | undefined {
  const { flow, shaken, handshakes, otherOffers, otherServerNames } = seen
  if (shaken === undefined || !isCertificateSignIn(flow)) return undefined
  const here = [...handshakes.worked, ...handshakes.failed, ...otherOffers, ...otherServerNames]
  if (here.some(({ clientCertificateRequested }) => clientCertificateRequested)) return undefined
  const telling = [...handshakes.worked, ...otherOffers].filter(({ version }) => version === 'TLSv1.3')
  const versions = telling.length > 0 ? telling : [shaken]
  if (telling.length === 0 && shaken.version !== 'TLSv1.2') return undefined
  const sure = telling.length > 0
  const leaf = shaken.chain[0]
  const shown = leaf === undefined ? '' : `, and shows a certificate of "${commonName(leaf.issuer)}"`
  return {
    confidence: sure ? 'likely' : 'possible',
    says: `${placeOf(flow)}, where people sign in with a certificate, asks for none in ${listed([...new Set(versions.map(({ version = '' }) => version))])}${shown}: something before ${hostOf(flow)} ends TLS itself, or its binding does not ask${sure ? '' : ', or asks later by negotiating anew'}`,
    fix: `let every load balancer and proxy before ${hostOf(flow)} pass TLS through on ${flow.target.plannedPort ?? flow.target.port ?? certificatePort}; on the farm, netsh http show sslcert has to say: Negotiate Client Certificate : Enabled`,
    alternatives: [],
    nextProbe: `the same handshake to a node of the farm itself: postern check tls://NODE:${certificatePort}`,
    decidedBy: idsOf(versions),
  }
}

/** By role and port, or by the name that AD FS keeps for it at 443: other services may listen on either. */
function isCertificateSignIn({ toRole, target }: Flow): boolean {
  if (!federationEnds.has(toRole)) return false
  return (target.plannedPort ?? target.port) === certificatePort || target.name?.startsWith('certauth.') === true
}
