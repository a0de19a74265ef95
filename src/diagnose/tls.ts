import type { CauseCode } from '../model/cause.ts'
import { hostPort } from '../model/hostPort.ts'
import type { HttpExchange, TlsHandshake } from '../model/observation.ts'
import { isCutHello } from '../model/observation.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { alertOf, isHelloUnread, spokeTls } from './tlsAnswers.ts'
import { tlsNameRules } from './tlsName.ts'
import { giveName, hostOf, listed, placeOf } from './wording.ts'

/** Causes that lie in the handshake itself, and then in the name that it is held to. */
export const handshakeRules: readonly Rule[] = [
  { cause: 'tls-version', match: tlsVersion },
  { cause: 'tls-parameters', match: tlsParameters },
  { cause: 'big-clienthello', match: bigClientHello },
  ...tlsNameRules,
]

const oldVersions: ReadonlySet<string> = new Set(['SSLv3', 'TLSv1', 'TLSv1.1'])
/** Alerts that speak of the version alone (RFC 8446 §6.2): protocol_version, inappropriate_fallback. */
const versionAlerts: ReadonlySet<number> = new Set([70, 86])
const versionRefusals = /UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|NO_PROTOCOLS_AVAILABLE/

function tlsVersion(seen: Seen): Match | undefined {
  const { stop, shaken, otherOffers, flow, address } = seen
  const fix = `enable TLS 1.2 or later on ${hostOf(flow)}`
  const older = otherOffers.filter(({ outcome, version }) => outcome === 'established' && isOld(version))
  const newer = otherOffers.filter(({ outcome, version }) => outcome === 'established' && !isOld(version))
  if (isOld(shaken?.version) && shaken !== undefined) {
    return {
      confidence: 'certain',
      says: `${placeOf(flow)} chose ${shaken.version} though ${shaken.offered.maxVersion} was offered`,
      fix,
      alternatives: [],
      decidedBy: idsOf([shaken]),
    }
  }
  if (stop?.phase !== 'tls') return undefined
  const { failed } = stop
  const said = failed.filter((one) => versionAlerts.has(alertOf(one)))
  const refused = failed.filter(({ outcome, code }) => outcome === 'local-refusal' && versionRefusals.test(code ?? ''))
  const [first] = [...said, ...refused]
  if (first !== undefined && newer.length === 0) {
    const offered = `${first.offered.minVersion} to ${first.offered.maxVersion}`
    return {
      confidence: 'certain',
      says:
        said.length > 0
          ? `${placeOf(flow)} takes none of ${offered}: alert ${first.alert?.number} (${first.alert?.name})${older.length > 0 ? `; it takes ${listed(older.map(({ version = '' }) => version))}` : ''}`
          : `${placeOf(flow)} answers with a TLS version older than ${first.offered.minVersion} (${first.code})`,
      fix,
      alternatives: [],
      ...(older.length === 0 && { nextProbe: 'offer TLS 1.0 and 1.1 alone, to see what it takes' }),
      decidedBy: idsOf(said, refused, older),
    }
  }
  // A hello of another size that passes is another comparison.
  const sameSize = newer.filter(({ offered }) => offered.hello === failed[0]?.offered.hello)
  if (sameSize.length > 0) return versionIntolerance(seen, failed, sameSize)
  if (older.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} takes ${listed(older.map(({ version = '' }) => version))} and nothing newer`,
    fix,
    alternatives: ['tls-parameters'],
    nextProbe: `openssl s_client -tls1_2 -connect ${hostPort(address ?? hostOf(flow), flow.target.port)}`,
    decidedBy: idsOf(failed, older),
  }
}

/**
 * A hello that offers TLS 1.3 beside 1.2 fails, and one of the same size with 1.2 alone passes: what stands there cannot
 * choose among versions (RFC 8446 §4.2.1). Where the larger hello alone fails, its size may be what it cannot read.
 */
function versionIntolerance(
  { flow, address }: Seen,
  failed: readonly TlsHandshake[],
  taken: readonly TlsHandshake[],
): Match | undefined {
  const narrower = taken.filter((one) => failed.every(({ offered }) => one.offered.maxVersion < offered.maxVersion))
  const [passing] = narrower
  const [first] = failed
  if (passing === undefined || first === undefined || failed.some(isHelloUnread)) return undefined
  const tooLarge = failed.some((one) => isCutHello(one) && helloOctets(one) > onePacket)
  if (tooLarge || failed.some(({ outcome }) => outcome === 'not-tls' || outcome === 'local-refusal')) return undefined
  const said = failed.some(({ outcome }) => outcome === 'alert')
  const sure = said || failed.length > 1
  return {
    confidence: sure ? 'likely' : 'possible',
    says: `${placeOf(flow)} takes ${passing.version ?? passing.offered.maxVersion} when it is offered alone, and ends a hello that offers ${first.offered.maxVersion} as well`,
    fix: `update what ends TLS on ${hostOf(flow)}, or the device before it: it must choose TLS 1.2 where it does not know 1.3`,
    alternatives: sure ? ['payload-dropped'] : ['payload-dropped', 'one-bad-node'],
    nextProbe: `openssl s_client -tls1_3 -connect ${hostPort(address ?? hostOf(flow), flow.target.port)}, here and on ${hostOf(flow)} itself`,
    decidedBy: idsOf(failed, narrower),
  }
}

function isOld(version: string | undefined): boolean {
  return version !== undefined && oldVersions.has(version)
}

/**
 * Alerts that speak of what was offered (RFC 8446 §6.2), and how sure each is about it. Servers send 40 for whatever
 * they do not like: a suite, a version, a name that they have no certificate for.
 */
const parameterAlerts: ReadonlyMap<number, Match['confidence']> = new Map([
  [40, 'possible'],
  [47, 'possible'],
  [50, 'possible'],
  [71, 'certain'],
  [109, 'possible'],
  [110, 'possible'],
])
const parameterRefusals =
  /CIPHER|KEY_TOO_SMALL|MD_TOO_WEAK|DH_|CURVE|SIGNATURE|SIGALG|RENEGOTIATION|UNKNOWN_CERTIFICATE_TYPE/

function tlsParameters(seen: Seen): Match | undefined {
  const { stop, flow } = seen
  if (stop?.phase !== 'tls' || wantingClientCertificate(stop.failed).length > 0) return undefined
  const protocol = noApplicationProtocol(seen, stop.failed)
  if (protocol !== undefined) return protocol
  const said = stop.failed.filter((one) => parameterAlerts.has(alertOf(one)))
  const hybrid = wantsHybridShare(seen, stop.failed)
  if (hybrid !== undefined) return hybrid
  const refused = stop.failed.filter(
    ({ outcome, code }) => outcome === 'local-refusal' && parameterRefusals.test(code ?? ''),
  )
  const [first] = [...said, ...refused]
  if (first === undefined) return undefined
  const alert = said.length > 0 ? first.alert : undefined
  const other = seen.otherServerNames.filter(({ outcome }) => outcome === 'established')
  const confidence = alert === undefined ? 'likely' : (parameterAlerts.get(alert.number) ?? 'possible')
  const alternatives: readonly CauseCode[] =
    confidence === 'certain'
      ? []
      : other.length > 0
        ? ['name-mismatch', 'sni-filter']
        : ['tls-version', 'name-mismatch']
  return {
    confidence: other.length > 0 && confidence === 'likely' ? 'possible' : confidence,
    says:
      alert === undefined
        ? `${placeOf(flow)} offers only what this machine refuses as too weak or unknown (${first.code})`
        : `${placeOf(flow)} accepts nothing of what was offered: alert ${alert.number} (${alert.name})`,
    fix: `enable ECDHE suites with AES-GCM, the groups X25519 or P-256, and a key of at least 2048 bits on ${hostOf(flow)}`,
    alternatives,
    nextProbe:
      first.serverName === undefined && alert !== undefined && confidence !== 'certain'
        ? giveName(flow)
        : 'offer another list of suites: openssl s_client -cipher ALL:@SECLEVEL=0',
    decidedBy: idsOf(said, refused, other),
  }
}

/** Alert 120 speaks of what is to be spoken over TLS (ALPN, RFC 7301 §3.2), and of nothing else that was offered. */
function noApplicationProtocol({ flow, address }: Seen, failed: readonly TlsHandshake[]): Match | undefined {
  const said = failed.filter((one) => alertOf(one) === 120)
  const [first] = said
  if (first === undefined || said.length < failed.length) return undefined
  const { alpn } = first.offered
  const offered = alpn.length === 0 ? 'none' : listed(alpn)
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} takes none of the protocols that were offered to be spoken over TLS (ALPN: ${offered}): alert 120 (no_application_protocol)`,
    fix:
      alpn.length === 0
        ? `let ${hostOf(flow)} take handshakes without ALPN`
        : `let ${hostOf(flow)} accept ${listed(alpn)} in ALPN as well, or go there with a client that offers what it takes`,
    alternatives: [],
    nextProbe: `openssl s_client -alpn h2,http/1.1 -connect ${hostPort(address ?? hostOf(flow), flow.target.port)}, to see what it takes`,
    decidedBy: idsOf(said),
  }
}

/** What ends a hello with the usual groups and takes one that offers a post-quantum share as well wants that share. */
function wantsHybridShare({ flow, otherOffers, address }: Seen, failed: readonly TlsHandshake[]): Match | undefined {
  const taken = otherOffers.filter(({ outcome, offered }) => outcome === 'established' && offered.hello !== undefined)
  const usual = failed.filter((one) => alertOf(one) === 40 || (isCutHello(one) && !isHelloUnread(one)))
  if (taken.length === 0 || usual.length < failed.length || failed[0]?.offered.hello !== undefined) return undefined
  const said = usual.some(({ outcome }) => outcome === 'alert')
  return {
    confidence: said ? 'likely' : 'possible',
    says: `${placeOf(flow)} takes a ClientHello that offers X25519MLKEM768, and none with the groups of Windows (X25519, P-256, P-384) alone`,
    fix: `enable X25519 or P-256 on ${hostOf(flow)}: services on Windows offer nothing newer`,
    alternatives: said ? [] : ['one-bad-node', 'lossy-path'],
    nextProbe: `openssl s_client -groups X25519:P-256 -connect ${hostPort(address ?? hostOf(flow), flow.target.port)}`,
    decidedBy: idsOf(failed, taken),
  }
}

/**
 * Handshakes and requests that a server ended because it insists on a client certificate: it has been reached, and
 * speaks TLS. Up to TLS 1.2 it says so within the handshake; in TLS 1.3 the client has finished by then, and the alert
 * meets the request (RFC 8446 §4.4.2.4).
 */
export function wantingClientCertificate(
  failed: readonly (TlsHandshake | HttpExchange)[],
  shaken?: TlsHandshake,
): readonly (TlsHandshake | HttpExchange)[] {
  return failed.filter((one) => {
    const requested = (one.kind === 'tls-handshake' ? one : shaken)?.clientCertificateRequested === true
    const code = one.code ?? ''
    if (one.kind === 'tls-handshake' && one.outcome === 'alert') return requested || alertOf(one) === 116
    if (one.outcome !== 'error') return false
    return certificateRequired.test(code) || (requested && certificateRefused.test(code))
  })
}

/** How OpenSSL names the alerts of RFC 8446 §6.2: 116 speaks of the client's certificate alone. */
const certificateRequired = /_ALERT_CERTIFICATE_REQUIRED$/
/** 40, 41, 42, 46, 48, 49: of the client's certificate where one was asked for, and of much else where none was. */
const certificateRefused =
  /_ALERT_(HANDSHAKE_FAILURE|NO_CERTIFICATE|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|ACCESS_DENIED)$/

/** The most that fits one packet with room for options on common paths, in octets. */
const onePacket = 1400

/** Octets of the ClientHello; of a handshake that got no answer, all that was sent. */
function helloOctets({ offered, bytesOut }: TlsHandshake): number {
  return offered.helloOctets ?? bytesOut
}

function bigClientHello(seen: Seen): Match | undefined {
  const { stop, otherOffers, flow } = seen
  if (stop === undefined) return longHelloAlone(seen)
  if (stop.phase !== 'tls') return undefined
  const big = stop.failed.filter((one) => isCutHello(one) && helloOctets(one) > onePacket)
  if (big.length === 0 || big.length < stop.failed.length) return undefined
  const small = otherOffers.filter((one) => spokeTls(one) && helloOctets(one) < onePacket)
  const [first] = small
  const [cut] = big
  if (first === undefined || cut === undefined) return undefined
  const sameVersions = small.some(
    ({ offered }) =>
      offered.maxVersion === big[0]?.offered.maxVersion && offered.minVersion === big[0]?.offered.minVersion,
  )
  return {
    confidence: sameVersions ? 'likely' : 'possible',
    says: `${placeOf(flow)} answers a ClientHello of ${helloOctets(first)} octets and not one of ${helloOctets(cut)}`,
    fix: 'update the device that reads the ClientHello; until then turn the hybrid key share off on the clients',
    alternatives: sameVersions ? ['pmtu-black-hole'] : ['pmtu-black-hole', 'tls-version'],
    nextProbe: `ping -M do -s ${onePacket} ${seen.address ?? hostOf(flow)}, to tell a packet size from a reader of TLS`,
    decidedBy: idsOf(big, small),
  }
}

/**
 * The small hello, which services on Windows send, passes, and a long one is lost each time: the flow works today, and
 * fails for every client that offers a post-quantum key share. What answers a long hello, whatever it says, has read it.
 */
function longHelloAlone({ flow, shaken, otherOffers, address }: Seen): Match | undefined {
  const long = otherOffers.filter(
    (one) => one.offered.hello !== undefined && helloOctets(one) > onePacket && one.outcome !== 'aborted',
  )
  const cut = long.filter(isCutHello)
  const [first] = cut
  if (shaken === undefined || first === undefined || cut.length < long.length) return undefined
  const how = first.outcome === 'timeout' ? 'stays unanswered' : 'is cut'
  return {
    confidence: cut.length > 1 ? 'likely' : 'possible',
    says: `${placeOf(flow)} works with the small ClientHello of Windows (${helloOctets(shaken)} octets), and one of ${helloOctets(first)} ${how}${cut.length > 1 ? ' each time' : ''}: clients with a post-quantum key share do not get through`,
    fix: 'update the device that reads the ClientHello; until then turn the hybrid key share off on the clients that have it',
    alternatives: cut.length > 1 ? ['pmtu-black-hole'] : ['pmtu-black-hole', 'one-bad-node', 'lossy-path'],
    nextProbe: `ping -M do -s ${onePacket} ${address ?? hostOf(flow)}, to tell a packet size from a reader of TLS`,
    decidedBy: idsOf([shaken], cut),
  }
}
