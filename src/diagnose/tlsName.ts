import type { CauseCode } from '../model/cause.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import { hostPort } from '../model/hostPort.ts'
import type { TlsHandshake } from '../model/observation.ts'
import { isCutHello } from '../model/observation.ts'
import type { Service } from '../model/service.ts'
import { coversHost, namesOf } from './certificateNames.ts'
import { canonicalName, isWithin, sameName } from './names.ts'
import { injectedReset } from './packets.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { alertOf, isHelloUnread, spokeTls } from './tlsAnswers.ts'
import { toldBy } from './told.ts'
import { captureAt, commonName, giveName, hostOf, listed, placeOf } from './wording.ts'

/** Causes that lie in the name that a handshake asks for, and in the names of the certificate that it is shown. */
export const tlsNameRules: readonly Rule[] = [
  { cause: 'sni-filter', match: sniFilter },
  { cause: 'stale-record', match: staleRecord },
  { cause: 'name-mismatch', match: nameMismatch },
]

/**
 * A name that is cut where another is answered. A server that has no binding for a name ends such a hello as well, so
 * the name alone accuses nobody: only a server that has a certificate for it, or two servers that do alike, tell a device
 * on the way.
 */
function sniFilter(seen: Seen): Match | undefined {
  const { stop, otherServerNames, flow, address } = seen
  if (stop?.phase !== 'tls') return undefined
  const cut = stop.failed.filter(isCutHello)
  const passing = otherServerNames.filter(spokeTls)
  const name = stop.failed[0]?.serverName
  if (cut.length === 0 || cut.length < stop.failed.length || cut.some(isHelloUnread)) return undefined
  if (passing.length === 0 || name === undefined) return undefined
  const how = cut.every(({ outcome }) => outcome === 'timeout') ? 'stays unanswered' : 'is cut'
  const serving = passing.filter(({ chain }) => chain[0] !== undefined && coversHost(chain[0], name) === true)
  const neutral = cutElsewhere(seen, name)
  const injected = injectedReset(seen)
  const told =
    serving.length > 0
      ? `, and the certificate there is for ${name} as well`
      : neutral.length > 0
        ? `; ${listed(neutral.map((one) => hostPort(one.address, one.port)))}, which is not where ${name} is served, does the same`
        : injected === undefined
          ? `: a filter by name, or a server that has no binding for ${name}`
          : ''
  const sure = serving.length > 0 || neutral.length > 0 || injected !== undefined
  return {
    // Whose reset it is, packets say themselves; all else is comparison.
    confidence: injected !== undefined ? 'certain' : sure ? 'likely' : 'possible',
    says: `a ClientHello for ${name} ${how}, one for ${listed(passing.map(({ serverName }) => serverName ?? 'no name'))} to the same address gets an answer${told}${injected === undefined ? '' : `; ${injected.says}`}`,
    fix: `allow ${flow.target.pattern ?? name} in the application or URL rules of the firewall${sure ? '' : `; if none names it, add the binding on ${hostOf(flow)}`}`,
    alternatives: sure ? [] : ['name-mismatch', 'not-the-service'],
    nextProbe: sure
      ? captureAt(address, flow.target)
      : `send ${name} to a TLS server that has nothing to do with it: openssl s_client -servername ${name} -connect www.microsoft.com:443`,
    decidedBy: idsOf(cut, passing, neutral, injected?.packets ?? []),
  }
}

/** The same name, cut in the same way at an address that it does not resolve to and that answers another name. */
function cutElsewhere({ otherAddresses, lookups, controlLookups, peers, flow }: Seen, name: string): TlsHandshake[] {
  const own = new Set([...lookups.worked, ...controlLookups].flatMap(({ answers }) => answers))
  if (flow.target.address !== undefined) own.add(flow.target.address)
  return otherAddresses
    .filter(isCutHello)
    .filter(
      (one) =>
        !own.has(one.address) &&
        peers.some((peer) => peer.address === one.address && peer.port === one.port && peer.serverName !== name),
    )
}

function nameMismatch(seen: Seen): Match | undefined {
  const { stop, shaken, flow, lookups, controlLookups } = seen
  const isOwnCommonName = sameName(commonNameOnly(shaken?.chain[0]), shaken?.serverName)
  const fix = `issue the certificate with ${isOwnCommonName ? 'a subjectAltName DNS:' : ''}${flow.target.name ?? 'the name'}, or correct the binding that picks it`
  if (stop?.phase === 'tls') {
    // Of a hello without a name it says that the server wants one, and nothing of any certificate.
    const unknown = stop.failed.filter((one) => alertOf(one) === 112 && one.serverName !== undefined)
    if (unknown.length === 0) return undefined
    return {
      confidence: 'certain',
      says: `${placeOf(flow)} knows no certificate for ${unknown[0]?.serverName}: alert 112 (unrecognized_name)`,
      fix,
      alternatives: [],
      decidedBy: idsOf(unknown),
    }
  }
  if (shaken === undefined) return undefined
  const leaf = shaken.chain[0]
  if (shaken.nameMatches === undefined) return leaf && addressMismatch(seen, shaken, leaf)
  if (shaken.nameMatches || (isOwnCommonName && takesCommonName.has(flow.target.service))) return undefined
  // Without a look-up there is none that could be wrong; with a control that agrees, it is right.
  const unsure: readonly CauseCode[] =
    lookups.worked.length > 0 && controlLookups.length === 0 ? ['split-brain-override'] : []
  return {
    confidence: 'certain',
    says: isOwnCommonName
      ? `the certificate on ${placeOf(flow)} has ${shaken.serverName} in its subject alone, and no subjectAltName, where clients look for it (RFC 9525)`
      : `the certificate on ${placeOf(flow)} is for ${leaf === undefined ? 'nobody' : bearerOf(leaf)}, not for ${shaken.serverName ?? flow.target.name ?? 'the name asked for'}`,
    fix: isOwnCommonName ? fix : `${fix}, or the record or translation (NAT) that leads there`,
    alternatives: [...unsure, 'wrong-target-dnat'],
    nextProbe: `ask the same address without SNI and compare the certificates; see whether ${hostOf(flow)} is the machine that answers`,
    decidedBy: idsOf([shaken]),
  }
}

/**
 * A domain controller's certificate names one host. Where the record of one leads to a machine that shows, under a trusted
 * root, the certificate of another host of the same domain, the address has changed hands. Web servers serve many names,
 * and say nothing by it.
 */
function staleRecord(seen: Seen): Match | undefined {
  const { shaken, flow, context, lookups } = seen
  const leaf = shaken?.chain[0]
  const { domain } = context
  const { name } = flow.target
  // An alias, and a name of several machines, lead to others on purpose: their certificate lacks the name.
  const given = lookups.worked.filter(
    ({ answers, aliases }) => answers.length === 1 && aliases.length === 0 && answers[0] === shaken?.address,
  )
  if (shaken?.nameMatches !== false || leaf === undefined || domain === undefined || name === undefined)
    return undefined
  if (flow.toRole !== 'domain-controller' || shaken.anchoredIn.length === 0 || given.length === 0) return undefined
  const zone = canonicalName(domain)
  const others = leaf.subjectAltNames.flatMap((entry) => (entry.startsWith('dns:') ? [entry.slice('dns:'.length)] : []))
  const host = others.find((other) => isWithin(other, zone) && canonicalName(other) !== zone)
  if (host === undefined || !isWithin(name, zone)) return undefined
  // Another port of the same address may have said who it is.
  const said = toldBy(seen, 'root-dse').filter(({ answer }) => sameName(answer.dnsHostName, host))
  return {
    confidence: said.length > 0 ? 'certain' : 'likely',
    says: `${name} leads to ${shaken.address}, and the machine there is ${host} by its certificate, which this site trusts${said.length > 0 ? ', and by its own rootDSE' : ''}`,
    fix: `delete the old address record of ${name}, let it register again (ipconfig /registerdns), and turn on scavenging`,
    alternatives: said.length > 0 ? [] : ['name-mismatch'],
    nextProbe: `read the time stamp of the record of ${name} in the DNS console, and ask the rootDSE at ${shaken.address} for dnsHostName`,
    decidedBy: idsOf(
      given,
      [shaken],
      said.map((one) => one.seen),
    ),
  }
}

/**
 * Services whose clients are Windows' own LDAP: the name of a domain controller may stand in the subject (Microsoft,
 * "Enable LDAP over SSL with a third-party certification authority").
 */
const takesCommonName: ReadonlySet<Service> = new Set(['ldaps', 'gcs'])

/** The name of a certificate that has none where names belong today. */
function commonNameOnly(leaf: CertificateFacts | undefined): string | undefined {
  return leaf?.subjectAltNames.length === 0 ? commonName(leaf.subject) : undefined
}

function bearerOf(leaf: CertificateFacts): string {
  return leaf.subjectAltNames.length > 0 ? namesOf(leaf) : `"${commonName(leaf.subject)}", without any subjectAltName`
}

/** A target that is an address: the certificate must name it, unless clients go there by a name that nobody told us. */
function addressMismatch({ flow }: Seen, shaken: TlsHandshake, leaf: CertificateFacts): Match | undefined {
  const { name, address } = flow.target
  if (name !== undefined || address === undefined || shaken.serverName !== undefined) return undefined
  if (coversHost(leaf, address) !== false) return undefined
  return {
    confidence: 'possible',
    says: `the certificate on ${placeOf(flow)} is for ${bearerOf(leaf)}, not for ${address}, by which it was asked: a client that goes there by that address refuses it`,
    fix: `let clients use a name that the certificate has, or issue it with IP:${address}`,
    alternatives: ['wrong-target-dnat'],
    nextProbe: giveName(flow),
    decidedBy: idsOf([shaken]),
  }
}
