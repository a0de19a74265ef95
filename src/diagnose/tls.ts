import type { CauseCode } from '../model/cause.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, commonName, hostOf, hostPort, listed, placeOf } from './wording.ts'

/** Causes that lie in the handshake itself, and in the name that it is held to. */
export const handshakeRules: readonly Rule[] = [
  { cause: 'tls-version', match: tlsVersion },
  { cause: 'tls-parameters', match: tlsParameters },
  { cause: 'big-clienthello', match: bigClientHello },
  { cause: 'sni-filter', match: sniFilter },
  { cause: 'name-mismatch', match: nameMismatch },
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
  if (older.length === 0 || newer.length > 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} takes ${listed(older.map(({ version = '' }) => version))} and nothing newer`,
    fix,
    alternatives: ['tls-parameters'],
    nextProbe: `openssl s_client -tls1_2 -connect ${hostPort(address ?? hostOf(flow), flow.target.port)}`,
    decidedBy: idsOf(failed, older),
  }
}

/** The number of the alert that ended a handshake; -1 when none did. */
function alertOf({ outcome, alert }: TlsHandshake): number {
  return outcome === 'alert' && alert !== undefined ? alert.number : -1
}

function isOld(version: string | undefined): boolean {
  return version !== undefined && oldVersions.has(version)
}

/** Alerts that speak of what was offered (RFC 8446 §6.2), and how sure each is about it. */
const parameterAlerts: ReadonlyMap<number, Match['confidence']> = new Map([
  [40, 'likely'],
  [47, 'possible'],
  [50, 'possible'],
  [71, 'certain'],
  [109, 'possible'],
  [110, 'possible'],
  [120, 'certain'],
])
const parameterRefusals =
  /CIPHER|KEY_TOO_SMALL|MD_TOO_WEAK|DH_|CURVE|SIGNATURE|SIGALG|RENEGOTIATION|UNKNOWN_CERTIFICATE_TYPE/

function tlsParameters(seen: Seen): Match | undefined {
  const { stop, flow } = seen
  if (stop?.phase !== 'tls' || wantsClientCertificate(stop.failed)) return undefined
  const said = stop.failed.filter((one) => parameterAlerts.has(alertOf(one)))
  const refused = stop.failed.filter(
    ({ outcome, code }) => outcome === 'local-refusal' && parameterRefusals.test(code ?? ''),
  )
  const [first] = [...said, ...refused]
  if (first === undefined) return undefined
  const alert = said.length > 0 ? first.alert : undefined
  const other = seen.otherServerNames.filter(({ outcome }) => outcome === 'established')
  const confidence = alert === undefined ? 'likely' : (parameterAlerts.get(alert.number) ?? 'possible')
  const alternatives: readonly CauseCode[] =
    confidence === 'certain' ? [] : other.length > 0 ? ['sni-filter', 'name-mismatch'] : ['tls-version']
  return {
    confidence: other.length > 0 && confidence === 'likely' ? 'possible' : confidence,
    says:
      alert === undefined
        ? `${placeOf(flow)} offers only what this machine refuses as too weak or unknown (${first.code})`
        : `${placeOf(flow)} accepts nothing of what was offered: alert ${alert.number} (${alert.name})`,
    fix: `enable ECDHE suites with AES-GCM and a key of at least 2048 bits on ${hostOf(flow)}`,
    alternatives,
    nextProbe: 'offer another list of suites: openssl s_client -cipher ALL:@SECLEVEL=0',
    decidedBy: idsOf(said, refused, other),
  }
}

/** A server that insists on a client certificate has been reached, and speaks TLS. */
export function wantsClientCertificate(failed: readonly TlsHandshake[]): boolean {
  return failed.some(
    (one) => alertOf(one) === 116 || (one.outcome === 'alert' && one.clientCertificateRequested === true),
  )
}

/** Ends without a word after the ClientHello: by a reset, by an end, or by silence. */
function cutHello(failed: readonly TlsHandshake[]): readonly TlsHandshake[] {
  return failed.filter(
    ({ outcome, bytesIn }) => bytesIn === 0 && (outcome === 'reset' || outcome === 'closed' || outcome === 'timeout'),
  )
}

const spokeTls = ({ outcome }: TlsHandshake): boolean => outcome === 'established' || outcome === 'alert'

/** The most that fits one packet with room for options on common paths, in octets. */
const onePacket = 1400

function bigClientHello(seen: Seen): Match | undefined {
  const { stop, otherOffers, flow } = seen
  if (stop?.phase !== 'tls') return undefined
  const big = cutHello(stop.failed).filter(({ bytesOut }) => bytesOut > onePacket)
  if (big.length === 0 || big.length < stop.failed.length) return undefined
  const small = otherOffers.filter((one) => spokeTls(one) && one.bytesOut < onePacket)
  if (small.length === 0) return undefined
  const sameVersions = small.some(
    ({ offered }) =>
      offered.maxVersion === big[0]?.offered.maxVersion && offered.minVersion === big[0]?.offered.minVersion,
  )
  return {
    confidence: sameVersions ? 'likely' : 'possible',
    says: `${placeOf(flow)} answers a ClientHello of ${small[0]?.bytesOut} octets and not one of ${big[0]?.bytesOut}`,
    fix: 'update the device that reads the ClientHello; until then turn the hybrid key share off on the clients',
    alternatives: sameVersions ? ['pmtu-black-hole'] : ['pmtu-black-hole', 'tls-version'],
    nextProbe: `ping -M do -s ${onePacket} ${seen.address ?? hostOf(flow)}, to tell a packet size from a reader of TLS`,
    decidedBy: idsOf(big, small),
  }
}

function sniFilter(seen: Seen): Match | undefined {
  const { stop, otherServerNames, flow, address } = seen
  if (stop?.phase !== 'tls') return undefined
  const cut = cutHello(stop.failed)
  const passing = otherServerNames.filter(spokeTls)
  const name = stop.failed[0]?.serverName
  if (cut.length === 0 || cut.length < stop.failed.length || passing.length === 0 || name === undefined)
    return undefined
  const how = cut.every(({ outcome }) => outcome === 'timeout') ? 'stays unanswered' : 'is cut'
  return {
    confidence: 'likely',
    says: `a ClientHello for ${name} ${how}, one for ${listed(passing.map(({ serverName }) => serverName ?? 'no name'))} to the same address gets an answer`,
    fix: `allow ${flow.target.pattern ?? name} in the application or URL rules of the firewall`,
    alternatives: [],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(cut, passing),
  }
}

function nameMismatch(seen: Seen): Match | undefined {
  const { stop, shaken, flow, lookups, controlLookups } = seen
  const fix = `issue the certificate with ${flow.target.name ?? 'the name'}, or correct the binding that picks it`
  if (stop?.phase === 'tls') {
    const unknown = stop.failed.filter((one) => alertOf(one) === 112)
    if (unknown.length === 0) return undefined
    return {
      confidence: 'certain',
      says: `${placeOf(flow)} knows no certificate for ${unknown[0]?.serverName ?? flow.target.name}: alert 112 (unrecognized_name)`,
      fix,
      alternatives: [],
      decidedBy: idsOf(unknown),
    }
  }
  if (shaken?.nameMatches !== false) return undefined
  const leaf = shaken.chain[0]
  const names = (leaf?.subjectAltNames ?? []).map((name) => name.replace(/^(dns|ip):/, ''))
  const whose =
    names.length > 0
      ? listed(names.slice(0, 4))
      : leaf === undefined
        ? 'nobody'
        : `"${commonName(leaf.subject)}", without any subjectAltName`
  const more = names.length > 4 ? ` and ${names.length - 4} more` : ''
  // Without a look-up there is none that could be wrong; with a control that agrees, it is right.
  const unsure: readonly CauseCode[] =
    lookups.worked.length > 0 && controlLookups.length === 0 ? ['split-brain-override'] : []
  return {
    confidence: 'certain',
    says: `the certificate on ${placeOf(flow)} is for ${whose}${more}, not for ${shaken.serverName ?? flow.target.name ?? 'the name asked for'}`,
    fix,
    alternatives: [...unsure, 'wrong-target-dnat'],
    nextProbe: `ask the same address without SNI and compare the certificates; see whether ${hostOf(flow)} is the machine that answers`,
    decidedBy: idsOf([shaken]),
  }
}
