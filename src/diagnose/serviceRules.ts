import type { Flow } from '../model/flow.ts'
import type { HttpExchange, ServiceExchange } from '../model/observation.ts'
import type { Scheme, Service } from '../model/service.ts'
import { usualPortOfScheme } from '../model/service.ts'
import { protocolOfBanner } from '../wire/banner.ts'
import { parseChallenges, schemesOfWindows } from '../wire/challenges.ts'
import { isDynamicRange } from './endpointPorts.ts'
import { isLocal } from './neighbours.ts'
import { octetsWords } from './octetsWords.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import type { Answered } from './serviceAnswers.ts'
import { answersOf, isNoMapper } from './serviceAnswers.ts'
import { isAnswered, isFullPacketHeard, littleSaidAt } from './silence.ts'
import { smbVersionRules } from './smbVersion.ts'
import { checkAs, overTlsAs } from './twinSchemes.ts'
import { captureAt, duration, hostOf, listed, placeOf, serviceOf } from './wording.ts'

/** What answers a question of a service's own protocol, or leaves it without an answer. */
export const serviceRules: readonly Rule[] = [
  ...needing('service-exchange', smbVersionRules),
  ...needing('service-answer', [
    { cause: 'not-the-service', match: otherAnswer },
    { cause: 'silent-service', match: outOfService },
    { cause: 'saturation', match: tooBusy },
  ]),
  ...needing('service-exchange', [
    { cause: 'not-the-service', match: otherProtocol },
    { cause: 'not-the-service', match: tlsInstead },
    { cause: 'undetermined', match: begunAnswer },
    { cause: 'silent-service', match: silentService },
  ]),
  { cause: 'not-the-service', needs: 'udp-exchange', match: otherDatagram },
  { cause: 'not-the-service', needs: 'name-lookup', match: otherThanDns },
  { cause: 'not-the-service', needs: 'http-exchange', match: noManagement },
]

/** An answer in the right protocol, and of another service than the one that belongs there: it says so itself. */
function otherAnswer(seen: Seen): Match | undefined {
  const { flow } = seen
  if (isDynamicRange(flow)) return undefined
  const answers = answersOf(seen)
  const found = answers.flatMap((one) => {
    const what = foreign(one, flow)
    return what === undefined ? [] : [{ ...one, what }]
  })
  const [first] = found
  // Who gives the right answer as well is the service, whatever it said besides.
  if (first === undefined || found.length < answers.length) return undefined
  return notTheService(flow, `${placeOf(flow)} ${first.what}`, found)
}

/** What an answer says that is of another service; undefined for one that may be right. */
function foreign({ answer, status }: Answered, flow: Flow): string | undefined {
  const { service } = flow.target
  switch (answer.kind) {
    case 'root-dse': {
      const belongs = flow.toRole === 'domain-controller' || service === 'gc' || service === 'gcs'
      if (answer.activeDirectory || !belongs) return undefined
      const what = answer.product ?? 'a directory'
      return `answers LDAP as ${what}, which is no Active Directory, where ${belongsWords(flow)} belongs`
    }
    case 'amqp-other':
      return `speaks AMQP, and not version 1.0 with SASL: it offers ${answer.offered}`
    case 'framing':
      return answer.fault === 'EndpointNotFound'
        ? 'speaks .NET message framing, and knows no AD Web Services (fault EndpointNotFound)'
        : undefined
    case 'ws-management':
      return answer.said === 'not-registered' && status !== serviceUnavailable
        ? "is Windows' own HTTP service, and WinRM is not registered there"
        : undefined
    case 'kerberos-reply':
      return 'answers Kerberos with a ticket for a name that nobody has: that is no KDC of a domain'
    case 'rpc-refused':
      return service === 'epm' && isNoMapper(answer) ? 'speaks DCE/RPC, and knows no endpoint mapper' : undefined
    default:
      return undefined
  }
}

/** What Windows' own HTTP service answers in the place of a service that has its path there, and is stopped or full. */
const serviceUnavailable = 503

/** By the fault with which AD Web Services keep everybody out (MC-NMF §2.2.5), what they say of themselves. */
const outOfServiceFaults: Readonly<Record<string, string>> = Object.freeze({
  EndpointPaused: 'are paused',
  EndpointUnavailable: 'are not available',
  ServiceActivationFailed: 'could not be started',
  ConnectionDispatchFailed: 'do not take the connection',
})

interface Out {
  readonly what: string
  readonly fix: string
  readonly nextProbe: string
}

/** The right service by its own word or by that of what stands before it, which says that it takes nobody. */
function outOfService(seen: Seen): Match | undefined {
  const { flow } = seen
  const answers = answersOf(seen)
  const found = answers.flatMap((one) => {
    const out = outWords(one, hostOf(flow))
    return out === undefined ? [] : [{ id: one.id, out }]
  })
  const [first] = found
  if (first === undefined || found.length < answers.length) return undefined
  const { what, fix, nextProbe } = first.out
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} ${what}`,
    fix,
    alternatives: [],
    nextProbe,
    decidedBy: idsOf(found),
  }
}

function outWords({ answer, status }: Answered, host: string): Out | undefined {
  if (answer.kind === 'ws-management' && answer.said === 'not-registered' && status === serviceUnavailable) {
    return {
      what: `is Windows' own HTTP service, and WinRM behind it takes no requests (${status})`,
      fix: `start WinRM on ${host} (Start-Service WinRM); if it runs, restart it`,
      nextProbe: `on ${host}: Get-Service WinRM, and winrm enumerate winrm/config/listener`,
    }
  }
  const { fault = '' } = answer.kind === 'framing' ? answer : {}
  const state = Object.hasOwn(outOfServiceFaults, fault) ? outOfServiceFaults[fault] : undefined
  if (state === undefined) return undefined
  return {
    what: `answers in the place of AD Web Services, and says that they ${state} (fault ${fault})`,
    fix: `restart AD Web Services on ${host} (Restart-Service ADWS), and read in the log "Active Directory Web Services" what keeps them from serving`,
    nextProbe: `on ${host}: Get-Service ADWS`,
  }
}

/** The service is there, and has as many clients as it takes. */
function tooBusy(seen: Seen): Match | undefined {
  const { flow } = seen
  const answers = answersOf(seen)
  const full = answers.filter(({ answer }) => answer.kind === 'framing' && answer.fault === 'ServerTooBusy')
  if (full.length === 0 || full.length < answers.length) return undefined
  return {
    confidence: 'certain',
    says: `${placeOf(flow)} is there, and takes no further client for now (fault ServerTooBusy)`,
    fix: `find out who holds the sessions of AD Web Services on ${hostOf(flow)}, or raise MaxConcurrentCalls and MaxConcurrentSessions in Microsoft.ActiveDirectory.WebServices.exe.config`,
    alternatives: [],
    nextProbe: 'the same at a quiet time',
    decidedBy: idsOf(full),
    owner: 'directory',
  }
}

function belongsWords({ target }: Flow): string {
  return target.service === 'gc' || target.service === 'gcs' ? serviceOf(target) : 'a domain controller'
}

/** By what `protocolOfBanner` calls it. */
const ownProtocol: Readonly<Partial<Record<Service, string>>> = Object.freeze({
  ldap: 'LDAP',
  ldaps: 'LDAP',
  gc: 'LDAP',
  gcs: 'LDAP',
  smb: 'SMB',
  epm: 'DCE/RPC',
  rpc: 'DCE/RPC',
  mssql: 'TDS',
  amqps: 'AMQP',
} satisfies Partial<Record<Scheme | 'rpc', string>>)

/** Octets that are no answer of the protocol, each time. */
function otherProtocol({ stop, flow }: Seen): Match | undefined {
  if (stop?.phase !== 'service' || isDynamicRange(flow)) return undefined
  const odd = stop.failed.filter((one) => isOddAnswer(flow, one))
  if (odd.length === 0 || odd.length < stop.failed.length) return undefined
  const isWaiting = odd.every(({ outcome }) => outcome === 'timeout')
  return notTheService(flow, foreignOctets(flow, placeOf(flow), odd), odd, isWaiting ? 'likely' : 'certain')
}

/** Of another protocol, or ended after octets that name one; its own that has begun names no other. */
function isOddAnswer({ target }: Flow, { outcome, bytesIn, firstOctets = '' }: ServiceExchange): boolean {
  if (outcome === 'other-protocol') return true
  if (bytesIn === 0) return false
  const named = protocolOf(firstOctets)
  if (named === undefined || named === ownProtocol[target.service]) return false
  return outcome === 'closed' || outcome === 'reset' || outcome === 'timeout'
}

/** What stands at a place by the octets that it answered with: `636/tcp on dc01 speaks SSH where LDAP belongs: "…"`. */
export function foreignOctets(flow: Flow, place: string, odd: readonly ServiceExchange[]): string {
  const { firstOctets: octets = '' } = odd.find(({ firstOctets }) => firstOctets !== undefined) ?? {}
  const detail = odd.find((one) => one.detail !== undefined)?.detail
  const protocol = protocolOf(octets)
  const isOwn = protocol === undefined ? octets === '' : protocol === ownProtocol[flow.target.service]
  const quoted = octets === '' ? undefined : octetsWords(octets)
  if (isOwn) {
    const why = detail ?? quoted
    return `${place} answers, and not what ${serviceOf(flow.target)} answers to this question${why === undefined ? '' : `: ${why}`}`
  }
  // Octets that are no text say less of a protocol than what a reader has made of them.
  const why =
    protocol === 'TLS' ? (detail ?? quoted) : protocol === undefined ? both(quoted, detail) : (quoted ?? detail)
  const shown = why === undefined ? '' : `: ${why}`
  return `${place} speaks ${protocol ?? 'something else'} where ${serviceOf(flow.target)} belongs${shown}`
}

function both(quoted: string | undefined, detail: string | undefined): string | undefined {
  return quoted === undefined || detail === undefined ? (quoted ?? detail) : `${quoted} (${detail})`
}

function protocolOf(octets: string): string | undefined {
  return octets.startsWith('\\x15\\x03') || octets.startsWith('\\x16\\x03') ? 'TLS' : protocolOfBanner(octets)
}

/** A question in the clear is ended without a word, and a ClientHello on the same port is answered. */
function tlsInstead({ stop, flow, otherServerNames, address }: Seen): Match | undefined {
  if (stop?.phase !== 'service') return undefined
  const ended = stop.failed.filter(
    ({ outcome, bytesIn, inTls }) => inTls === undefined && bytesIn === 0 && outcome !== 'error',
  )
  const spoke = otherServerNames.filter(({ outcome }) => outcome === 'established' || outcome === 'alert')
  if (ended.length === 0 || ended.length < stop.failed.length || spoke.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} speaks TLS where ${serviceOf(flow.target)} belongs: a question in the clear is ${ended.some(({ outcome }) => outcome === 'timeout') ? 'left without an answer' : 'ended without a word'}, a ClientHello answered`,
    fix: fixOf(flow),
    alternatives: ['silent-service'],
    nextProbe: checkAs(flow, address, overTlsAs) ?? captureAt(address, flow.target),
    decidedBy: idsOf(ended, spoke),
  }
}

/** What has begun is no silence, and what has no end names no other service. */
function begunAnswer({ stop, flow }: Seen): Match | undefined {
  if (stop?.phase !== 'service' || isDynamicRange(flow)) return undefined
  const [most] = stop.failed.filter(({ bytesIn }) => bytesIn > 0).toSorted((a, b) => b.bytesIn - a.bytesIn)
  if (most === undefined || most.outcome === 'other-protocol') return undefined
  const how =
    most.outcome === 'timeout'
      ? `in ${duration(most.ms)}`
      : `before the connection ended (${most.code ?? most.outcome})`
  return {
    confidence: 'undetermined',
    says: `${placeOf(flow)} began its answer and did not finish it: ${most.bytesIn} ${most.bytesIn === 1 ? 'octet' : 'octets'} ${how}`,
    alternatives: ['pmtu-black-hole', 'lossy-path', 'saturation', 'not-the-service'],
    nextProbe: `run this again with a longer --timeout, and ask ${hostOf(flow)} itself`,
    decidedBy: idsOf(stop.failed),
  }
}

/** What is asked in DNS over TCP answers in octets that name another protocol, each time. */
function otherThanDns({ stop, flow }: Seen): Match | undefined {
  if (stop?.phase !== 'dns') return undefined
  const named = stop.failed.map(({ outcome, firstOctets }) =>
    outcome === 'malformed' && firstOctets !== undefined ? protocolOf(firstOctets) : undefined,
  )
  const [protocol] = named
  const octets = stop.failed[0]?.firstOctets ?? ''
  if (protocol === undefined || named.some((other) => other !== protocol)) return undefined
  return notTheService(
    flow,
    `${placeOf(flow)} speaks ${protocol} where ${serviceOf(flow.target)} belongs: ${octetsWords(octets)}`,
    stop.failed,
  )
}

/** A datagram came back that answers another question, or none: something listens there, and it is not the service. */
function otherDatagram({ stop, flow }: Seen): Match | undefined {
  if (stop?.phase !== 'udp') return undefined
  const odd = stop.failed.filter(({ outcome, asked }) => outcome === 'answer' && asked !== undefined)
  if (odd.length === 0 || odd.length < stop.failed.length) return undefined
  const why = odd.find(({ detail }) => detail !== undefined)?.detail
  return notTheService(
    flow,
    `${placeOf(flow)} answers, and not what ${serviceOf(flow.target)} answers to this question${why === undefined ? '' : `: ${why}`}`,
    odd,
    'likely',
  )
}

/**
 * A web server that is no WinRM. One that reports an error of its own may stand before it, and so may one that wants a
 * sign-in of Windows: which server it is, an administrator may have told it not to say.
 */
function noManagement({ exchanges, flow }: Seen): Match | undefined {
  const { service } = flow.target
  if (service !== 'winrm' && service !== 'winrms') return undefined
  const odd = exchanges.worked.filter(
    (one) => one.answer === undefined && (one.status ?? 0) < 500 && !wantsWindowsSignIn(one),
  )
  const [first] = odd
  if (first === undefined || odd.length < exchanges.worked.length) return undefined
  return notTheService(
    flow,
    `${placeOf(flow)} answers HTTP ${webWords(first)}, and nothing of WS-Management at /wsman`,
    odd,
    'likely',
  )
}

function wantsWindowsSignIn({ status, headers }: HttpExchange): boolean {
  return (
    status === 401 &&
    parseChallenges(headers['www-authenticate'] ?? '').some(({ scheme }) => schemesOfWindows.includes(scheme))
  )
}

function webWords({ status, headers, body }: HttpExchange): string {
  const server = headers['server']
  const named = [server, body.title === undefined ? undefined : `page "${body.title}"`].filter(
    (word) => word !== undefined,
  )
  return `${status ?? 'without a status'}${named.length === 0 ? '' : ` (${named.join(', ')})`}`
}

function notTheService(
  flow: Flow,
  says: string,
  odd: readonly { readonly id: string }[],
  confidence: 'certain' | 'likely' = 'certain',
): Match {
  return {
    confidence,
    says,
    fix: fixOf(flow),
    alternatives: ['wrong-target-dnat'],
    nextProbe: `ask ${hostOf(flow)} itself what listens there`,
    decidedBy: idsOf(odd),
  }
}

function fixOf(flow: Flow): string {
  const port = flow.target.plannedPort ?? flow.target.port
  return `correct the port, what ${hostOf(flow)} has behind ${port === null ? 'it' : port}, or the translation (NAT) that leads there`
}

/** At a port that is not the usual one of its service, another service may be the one that waits. */
function elsewhereUsually({ target }: Flow): string {
  const usual = usualPorts[target.service]
  const port = target.plannedPort ?? target.port
  if (usual === undefined || usual === port) return ''
  return `; or correct the port: ${serviceOf(target)} is usually on ${usual}, and something else may listen on ${port}`
}

const usualPorts: Readonly<Partial<Record<Service, number>>> = usualPortOfScheme

/** A valid question is taken and not answered, each time; who or what else answers tells how sure that is. */
function silentService(seen: Seen): Match | undefined {
  const { stop, flow, address, furthest, sameHostOpen } = seen
  if (stop?.phase !== 'service' || isDynamicRange(flow)) return undefined
  const silent = stop.failed.filter(({ outcome, bytesIn }) => outcome === 'timeout' && bytesIn === 0)
  if (silent.length === 0 || silent.length < stop.failed.length) return undefined
  const place = placeOf(flow)
  const waited = duration(Math.max(...silent.map(({ ms }) => ms)))
  const times = silent.length > 1 ? `, ${silent.length} times` : ''
  const fix = `look at ${serviceOf(flow.target)} on ${hostOf(flow)}: hung, overloaded, or waiting for its own backend${elsewhereUsually(flow)}`
  const nextProbe = `ask ${hostOf(flow)} itself for the same; ${captureAt(address, flow.target)}`
  if (furthest === 'tls') {
    return {
      confidence: 'likely',
      says: `${place} accepts the connection and the TLS handshake and leaves a valid question unanswered for ${waited}${times}`,
      fix,
      alternatives: ['not-the-service'],
      nextProbe,
      decidedBy: idsOf(silent, seen.handshakes.worked),
    }
  }
  const { wordless, brief } = littleSaidAt(seen)
  // Who closes after us when we have said something has read it: payload passes, and what it would not answer is the question.
  const heeds = brief.length > 0 && [...wordless, ...brief].every(isAnswered)
  // The root of a directory fills more than one packet.
  const mayBeSize =
    !isLocal(address) && silent.every(({ asked }) => asked === 'ldap-root-dse') && !isFullPacketHeard(seen)
  const open = sameHostOpen.slice(0, 4)
  const isMany = new Set(open.map(({ what }) => what)).size > 1
  if (!heeds && open.length === 0) return undefined
  const host =
    open.length === 0
      ? ''
      : `; ${listed(open.map(({ what }) => what))} on the same host ${isMany ? 'answer' : 'answers'}`
  return {
    confidence: heeds && !mayBeSize ? 'likely' : 'possible',
    says: `${place} accepts the connection and leaves a valid question unanswered for ${waited}${times}${heeds ? ', and says goodbye when we do' : ''}${host}`,
    fix,
    alternatives: [
      'not-the-service',
      ...(heeds || isLocal(address) ? [] : (['payload-dropped'] as const)),
      ...(mayBeSize ? (['pmtu-black-hole'] as const) : []),
    ],
    nextProbe,
    decidedBy: [...idsOf(silent, wordless, brief), ...open.map(({ id }) => id)],
  }
}
