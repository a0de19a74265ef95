import type { CauseCode, Owner } from '../model/cause.ts'
import type { Role } from '../model/role.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Case } from './case.ts'
import { causeRows } from './causes.ts'
import { clientCertificateRules } from './clientCertificate.ts'
import { clockRules } from './clock.ts'
import { hostClockRules, kerberosClockRules } from './clockHost.ts'
import { federationRules } from './federation.ts'
import { hostRules } from './host.ts'
import { stateRules, whoAnswersRules } from './identity.ts'
import { catalogPortRules, webServicesRules } from './identityPorts.ts'
import { learntFrom } from './learnt.ts'
import { listenerRules, proofByListener } from './listener.ts'
import { nameRules } from './name.ts'
import { neverSentRules } from './neverSent.ts'
import { oneBadAddress } from './oneBadAddress.ts'
import { packetResetRules, packetRules, packetSilenceRules } from './packets.ts'
import { packetsToProxyRules } from './packetsToProxy.ts'
import { withPlace } from './pathPlace.ts'
import { pathRules, pathSilenceRules } from './paths.ts'
import { plainInstead } from './plainInstead.ts'
import { portalBeforeTls } from './portal.ts'
import { protocolRules } from './protocol.ts'
import type { Proof } from './proven.ts'
import { closureOf, proofByClientCertificate, proofOf } from './proven.ts'
import { proxyRules } from './proxy.ts'
import { proxyRequired } from './proxyRequired.ts'
import { redirectLoopRules } from './redirectLoop.ts'
import { revocationRules, revokedRules } from './revocation.ts'
import { routeRules } from './route.ts'
import { rpcRangeRules } from './rpcRange.ts'
import type { Match, Rule } from './rule.ts'
import { firstMatch, needing, stretchesOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { lookAt } from './seen.ts'
import { seriesRules } from './series.ts'
import { serviceRules } from './serviceRules.ts'
import { signInRules } from './signIn.ts'
import { silenceRules } from './silence.ts'
import { silentHostRules } from './silentHost.ts'
import { slowNameRules } from './slowName.ts'
import { timeRules } from './time.ts'
import { skewRules, timeServiceRules, timeSilenceRules } from './timeService.ts'
import { handshakeRules } from './tls.ts'
import { transportRules } from './transport.ts'
import { certificateRules, doubtRules, interceptionRules } from './trust.ts'
import { twoRefusersRules } from './twoRefusers.ts'
import { undetermined, unfinished } from './undetermined.ts'
import { cutShort, unrun } from './unrun.ts'
import { viaProxyRules } from './viaProxy.ts'
import { silentUpgradeRules, strippedUpgradeRules, webSocketRules } from './webSocket.ts'
import { wrongTargetRules } from './wrongTarget.ts'

/** Lowest layer first; what takes time is judged when nothing else is wrong. */
export const rules: readonly Rule[] = [
  ...hostRules,
  ...listenerRules,
  ...needing('tls-handshake', clockRules),
  ...needing('udp-exchange', skewRules),
  ...needing('host-answer', kerberosClockRules),
  ...needing('dynamic-range', rpcRangeRules),
  ...needing('failure', [proxyRequired]),
  ...nameRules,
  ...needing('failure', catalogPortRules),
  ...needing('failure', [oneBadAddress]),
  ...packetRules,
  ...twoRefusersRules,
  ...neverSentRules,
  ...pathRules,
  ...needing('failure', [...routeRules, ...silentHostRules]),
  ...packetSilenceRules,
  ...needing('failure', [...webServicesRules, ...transportRules, ...timeSilenceRules]),
  ...pathSilenceRules,
  ...needing('http-exchange', [...proxyRules, ...strippedUpgradeRules]),
  ...needing('tls-handshake', [portalBeforeTls, ...interceptionRules]),
  // A device that re-signs shows its own marks as well: what it does on purpose is no wrong translation.
  ...wrongTargetRules,
  ...needing('service-exchange', [plainInstead]),
  ...needing('host-answer', whoAnswersRules),
  ...needing('tls-handshake', [...handshakeRules, ...certificateRules]),
  ...packetResetRules,
  ...needing('failure', silenceRules),
  ...needing('revocation-check', revokedRules),
  ...needing('tls-handshake', clientCertificateRules),
  ...needing('http-exchange', silentUpgradeRules),
  ...protocolRules,
  ...serviceRules,
  ...needing('http-exchange', [...webSocketRules, ...federationRules, ...signInRules, ...redirectLoopRules]),
  ...stateRules,
  ...needing('host-answer', hostClockRules),
  ...needing('udp-exchange', timeServiceRules),
  ...needing('tls-handshake', doubtRules),
  ...needing('revocation-check', revocationRules),
  ...needing('connect-series', seriesRules),
  ...timeRules,
  ...needing('name-lookup', slowNameRules),
]

/** Of a flow that goes through a proxy: what lies between here and the target is the proxy's to resolve and to reach. */
export const rulesThroughProxy: readonly Rule[] = [
  ...hostRules,
  ...clockRules,
  ...packetsToProxyRules,
  ...viaProxyRules,
  ...proxyRules,
  ...strippedUpgradeRules,
  ...interceptionRules,
  ...handshakeRules,
  ...certificateRules,
  ...revokedRules,
  ...clientCertificateRules,
  ...silentUpgradeRules,
  ...protocolRules,
  ...serviceRules,
  ...webSocketRules,
  ...federationRules,
  ...signInRules,
  ...redirectLoopRules,
  ...doubtRules,
  ...revocationRules,
  ...timeRules,
]

const stretches = stretchesOf(rules)
const stretchesThroughProxy = stretchesOf(rulesThroughProxy)

/**
 * Judges one flow by what was seen. Total: any list of observations gives a verdict.
 *
 * @returns the verdict that follows from the cause; `open` without one when nothing speaks against the flow, `not-run`
 *   and `not-required` when there is nothing to judge
 */
export function diagnose(known: Case): Verdict {
  const seen = lookAt(known)
  const idle = unrun(seen)
  if (idle !== undefined) return unjudged(idle, seen)
  const { stop, furthest, unfinished: cut } = seen
  if (known.flow.expect === 'closed') {
    const unasked = stop === undefined && (furthest === 'nothing' || furthest === 'name')
    return unasked && cut?.by === 'check' ? unjudged(cutShort(cut), seen) : closed(seen)
  }
  const listener = proofByListener(seen)
  if (listener !== undefined) return proven(listener, seen)
  const found = firstMatch(known.flow.via === undefined ? stretches : stretchesThroughProxy, seen)
  if (found !== undefined) return caused(found.rule.cause, found.match, seen)
  const proof = proofByClientCertificate(seen)
  if (proof !== undefined) return proven(proof, seen)
  if (stop !== undefined) return caused('undetermined', undetermined(seen, stop), seen)
  // What was seen before the end has been judged; only what was not asked any more is left open.
  if (cut === undefined) return proven(proofOf(seen), seen)
  if (cut.by === 'check') return unjudged(cutShort(cut), seen)
  return caused(cut.by === 'fault' ? 'tool-limit' : 'undetermined', unfinished(seen, cut), seen)
}

function unjudged(idle: Pick<Verdict, 'verdict' | 'says' | 'decidedBy'>, seen: Seen): Verdict {
  return { ...idle, confidence: 'undetermined', alternatives: [], learnt: learntFrom(seen) }
}

function proven({ confidence, says, decidedBy }: Proof, seen: Seen): Verdict {
  return { verdict: 'open', confidence, says, alternatives: [], decidedBy, learnt: learntFrom(seen) }
}

/** A flow that must be closed has no cause when it is: that it is open is a finding, which the check makes. */
function closed(seen: Seen): Verdict {
  const { verdict, confidence, says, decidedBy } = closureOf(seen)
  return {
    verdict,
    ...(verdict === 'unknown' && { cause: 'undetermined', owner: causeRows.undetermined.owner }),
    confidence,
    says,
    alternatives: [],
    ...(verdict === 'unknown' && { nextProbe: 'run the check for this flow alone' }),
    decidedBy,
    learnt: learntFrom(seen),
  }
}

function caused(cause: CauseCode, match: Match, seen: Seen): Verdict {
  const placed = withPlace(cause, match, seen)
  const { confidence, says, fix, alternatives, decidedBy, owner } = placed
  const next = [placed.trace, placed.nextProbe].filter((part) => part !== undefined)
  const row = causeRows[cause]
  return {
    verdict: placed.verdict ?? row.verdict,
    cause,
    confidence,
    says,
    owner: owner ?? ownerOf(cause, seen),
    ...(fix !== undefined && { fix }),
    alternatives: [...new Set(alternatives)].filter((other) => other !== cause),
    ...(next.length > 0 && { nextProbe: next.join('; ') }),
    decidedBy,
    learnt: learntFrom(seen),
  }
}

/** Causes that lie in the service at the far end: whose it is follows from what stands there. */
const farEndCauses: ReadonlySet<CauseCode> = new Set([
  'tls-version',
  'tls-parameters',
  'name-mismatch',
  'chain-incomplete',
  'not-the-service',
  'silent-service',
  'clock-unsynchronised',
  'time-refused',
])

const farEndOwners: Readonly<Partial<Record<Role, Owner>>> = Object.freeze({
  'published-app': 'app',
  'scim-app': 'app',
  'app-8443': 'app',
  'outbound-proxy': 'proxy',
  'domain-controller': 'directory',
  'dns-server': 'dns',
  'entra-id': 'cloud',
  'entra-provisioning': 'cloud',
  'entra-connect-health': 'cloud',
  'azure-service-bus': 'cloud',
})

function ownerOf(cause: CauseCode, { flow }: Seen): Owner {
  const { owner } = causeRows[cause]
  return farEndCauses.has(cause) ? (farEndOwners[flow.toRole] ?? owner) : owner
}
