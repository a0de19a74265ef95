import { missedOf } from '../model/observation.ts'
import type { Verdict } from '../model/verdict.ts'
import { clocksOf } from './clock.ts'
import { isOwn } from './observations.ts'
import { postureLearnt } from './posture.ts'
import { flowsToRevocation } from './revocation.ts'
import type { Seen } from './seen.ts'
import { seriesAt } from './series.ts'
import { serviceLearnt } from './serviceLearnt.ts'
import { signInLearnt } from './signIn.ts'
import { commonName } from './wording.ts'

type Learnt = Verdict['learnt']

/** Facts that the answers gave away, whatever the verdict: what a person compares between two days. */
export function learntFrom(seen: Seen): Learnt {
  const parts = [
    namesLearnt(seen),
    tlsLearnt(seen),
    postureLearnt(seen),
    httpLearnt(seen),
    signInLearnt(seen),
    dnsLearnt(seen),
    clockLearnt(seen),
    timeLearnt(seen),
    heldLearnt(seen),
    seriesLearnt(seen),
    lagLearnt(seen),
    serviceLearnt(seen),
  ]
  return Object.assign({}, ...parts.filter((part) => part !== nothing))
}

/** What most answers give away of most things. */
const nothing: Learnt = Object.freeze({})

function namesLearnt({ lookups }: Seen): Learnt {
  if (lookups.worked.length === 0) return nothing
  const addresses = [...new Set(lookups.worked.flatMap(({ answers }) => answers))]
  const aliases = [...new Set(lookups.worked.flatMap((one) => one.aliases))]
  return { ...(addresses.length > 0 && { addresses }), ...(aliases.length > 0 && { aliases }) }
}

function tlsLearnt(seen: Seen): Learnt {
  const { shaken, chain, context } = seen
  if (shaken === undefined) return nothing
  const { version, cipher, alpn, anchoredIn, stapledOcsp } = shaken
  const learnt: Record<string, Learnt[string]> = {}
  if (version !== undefined) learnt['tlsVersion'] = version
  if (cipher !== undefined) learnt['tlsCipher'] = cipher
  if (alpn !== undefined) learnt['tlsAlpn'] = alpn
  const leaf = shaken.chain[0]
  if (leaf !== undefined) {
    const daysLeft = (Date.parse(leaf.notAfter) - Date.parse(context.judgedAt)) / 86_400_000
    learnt['certificateSubject'] = commonName(leaf.subject)
    learnt['certificateIssuer'] = commonName(leaf.issuer)
    learnt['certificateNotAfter'] = leaf.notAfter
    learnt['certificateSha256'] = leaf.sha256
    if (Number.isFinite(daysLeft)) learnt['certificateDaysLeft'] = Math.floor(daysLeft)
  }
  const top = shaken.chain.at(-1)
  if (top !== undefined && top !== leaf) learnt['certificateRoot'] = commonName(top.subject)
  if (chain !== undefined) learnt['chain'] = chain.kind
  if (chain?.kind === 'cannot-know') learnt['chainBecause'] = chain.because
  if (anchoredIn.length > 0) learnt['trustedBy'] = anchoredIn
  if (stapledOcsp) learnt['stapledOcsp'] = true
  if (shaken.clientCertificateRequested) learnt['clientCertificateRequested'] = true
  const revocationFlows = flowsToRevocation(seen)
  if (revocationFlows.length > 0) learnt['revocationFlows'] = revocationFlows
  return learnt
}

function httpLearnt({ exchanges }: Seen): Learnt {
  const exchange = exchanges.worked[0]
  if (exchange === undefined) return nothing
  const { status, headers, body } = exchange
  const named = {
    server: headers['server'],
    location: headers['location'],
    requestId: headers['x-ms-request-id'],
    estsServer: headers['x-ms-ests-server'],
    pageTitle: body.title,
    openIdIssuer: body.kind === 'json' ? body.members['issuer'] : undefined,
    entityId: body.members['entityID'],
  }
  const present = Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...(status !== undefined && { httpStatus: status }), ...Object.fromEntries(present) }
}

function dnsLearnt({ dns }: Seen): Learnt {
  if (dns.worked.length === 0) return nothing
  const soa = dns.worked.find(({ type, answers }) => type === 'SOA' && answers.length > 0)
  // Zone data in the order of RFC 1035 §3.3.13: primary, mailbox, serial.
  const [primary, , serial] = soa?.answers[0]?.trim().split(/\s+/) ?? []
  const services = dns.worked.filter(({ type }) => type === 'SRV').flatMap(({ answers }) => answers)
  return {
    ...(soa?.authoritative !== undefined && { authoritative: soa.authoritative }),
    ...(primary !== undefined && { soaPrimary: primary }),
    ...(serial !== undefined && /^\d{1,10}$/.test(serial) && { soaSerial: Number(serial) }),
    ...(services.length > 0 && { serviceRecords: [...new Set(services)] }),
  }
}

/** Skews below two seconds are the resolution of the Date field and the way there. */
function clockLearnt(seen: Seen): Learnt {
  // Of this flow's own server: the clock of another one is no fact about it.
  const clock = clocksOf(seen).find(({ exchange }) => isOwn(exchange))
  if (clock === undefined || Math.abs(clock.skewMs) < 2000) return nothing
  return { clockSkewSec: Math.round(clock.skewMs / 1000) }
}

function timeLearnt({ datagrams, exchanges }: Seen): Learnt {
  if (datagrams.worked.length + exchanges.worked.length === 0) return nothing
  const time = datagrams.worked.find((one) => one.time !== undefined)?.time
  const upgrade = exchanges.worked.find((one) => one.upgrade !== undefined)?.upgrade
  return {
    ...(time?.kind === 'time' && {
      ntpStratum: time.stratum,
      ntpReference: time.reference,
      ntpLeap: time.leap,
      ...(time.offsetMs !== undefined && { clockOffsetMs: time.offsetMs }),
      ...(time.delayMs !== undefined && { ntpDelayMs: time.delayMs }),
    }),
    ...(time?.kind === 'kiss' && { ntpKiss: time.code }),
    ...(upgrade?.protocol !== undefined && { webSocketProtocol: upgrade.protocol }),
    ...(upgrade?.pongMs !== undefined && { webSocketPongMs: upgrade.pongMs }),
  }
}

/** Of connections at a steady pace: how many were lost or sent again, how long they took, and the quickest pace that was well. */
function seriesLearnt(seen: Seen): Learnt {
  if (seen.kinds['connect-series'].length === 0) return nothing
  const all = seriesAt(seen)
  const loss = all.find(({ asked }) => asked === 'loss')
  const rates = all.filter(({ asked }) => asked === 'rate')
  const bad = rates.findIndex((one) => missedOf(one) > 0)
  const well = bad === -1 ? rates.at(-1) : rates[bad - 1]
  return {
    ...(loss !== undefined && { connectionsSent: loss.sent, connectionsMissed: loss.repeated + loss.lost }),
    ...(loss?.roundTripMs !== undefined && {
      roundTripMedianMs: loss.roundTripMs.median,
      roundTrip95Ms: loss.roundTripMs.p95,
    }),
    ...(well !== undefined && { newPerSecondWithoutMiss: well.perSecond }),
  }
}

/** A tenth of a second is more than any answer waits for this process on a machine with time for it. */
const tellingLagMs = 100

/** For how long this process was kept from looking while an answer of the flow may have been there. */
function lagLearnt({ observations }: Seen): Learnt {
  const lagMs = Math.max(0, ...observations.filter(isOwn).map(({ ownLagMs = 0 }) => ownLagMs))
  return lagMs < tellingLagMs ? nothing : { ownLagMs: lagMs }
}

/** Of connections that were held without a word: for how long, how many, and how many heard our goodbye afterwards. */
function heldLearnt({ kinds, address, flow }: Seen): Learnt {
  const held = kinds['tcp-connect'].flatMap(({ varies, farewell, ...one }) =>
    varies === 'idle' &&
    one.address === address &&
    one.port === flow.target.port &&
    farewell?.heldMs !== undefined &&
    // Called off before its time: nobody was left, and nobody can have missed it.
    farewell.outcome !== 'aborted'
      ? [{ heldMs: farewell.heldMs, heard: farewell.outcome === 'ended' || farewell.outcome === 'reset' }]
      : [],
  )
  const longestMs = Math.max(0, ...held.map(({ heldMs }) => heldMs))
  // One of them is left at once, to be compared with; nothing was held where none was longer.
  const long = held.filter(({ heldMs }) => heldMs * 2 > longestMs)
  if (long.length === 0 || long.length === held.length) return nothing
  return {
    heldSec: Math.round(longestMs / 1000),
    held: long.length,
    heldHeard: long.filter(({ heard }) => heard).length,
  }
}
