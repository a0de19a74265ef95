import type { Flow } from '../model/flow.ts'
import type {
  AiaFetch,
  HttpExchange,
  Observation,
  ServiceExchange,
  TcpConnect,
  TlsHandshake,
  ToolLimit,
  UdpExchange,
} from '../model/observation.ts'
import { isTunnel } from '../model/observation.ts'
import type { JudgementContext } from '../model/report.ts'
import type { Attempts, Ended, Unfinished } from './attempts.ts'
import { attempts, endOf, unfinishedBy } from './attempts.ts'
import type { ByKind } from './byKind.ts'
import { byKind } from './byKind.ts'
import type { Case } from './case.ts'
import type { ChainVerdict } from './chain.ts'
import { judgeChain } from './chain.ts'
import type { Round } from './crowd.ts'
import { roundsOf } from './crowd.ts'
import type { EndpointPorts } from './endpointPorts.ts'
import { endpointPortsOf } from './endpointPorts.ts'
import type { Lookups } from './lookups.ts'
import { lookupsOf } from './lookups.ts'
import { sameName, sameServerName } from './names.ts'
import type { Neighbours, Place } from './neighbours.ts'
import { neighboursOf } from './neighbours.ts'
import { isOwn } from './observations.ts'

/** The observations of one case, sorted by the questions that a judgement asks of them. */
export interface Seen extends Lookups, Omit<Neighbours, 'localAddress'>, Handshakes, Ended {
  readonly flow: Flow
  readonly context: JudgementContext
  readonly observations: readonly Observation[]
  readonly kinds: ByKind
  /** The address that the flow's own question was put to. */
  readonly address: string | undefined
  /** This machine's address on the way there, or its name in the site. */
  readonly from: string
  readonly connects: Attempts<TcpConnect>
  /** Connections to the proxy that the flow goes through, and the tunnels that it was asked for. */
  readonly proxyConnects: Attempts<TcpConnect>
  readonly tunnels: Attempts<HttpExchange>
  /** Tunnels that the same proxy was asked for to other names and ports. */
  readonly otherTunnels: readonly HttpExchange[]
  /** The same question by another way out: straight, or through a proxy. */
  readonly otherWay: readonly Observation[]
  /** The same connection from other interfaces of this machine. */
  readonly otherSources: readonly TcpConnect[]
  /** The same connection alone and several times at once. */
  readonly rounds: readonly Round[]
  /** Questions in the service's own protocol, over a connection. */
  readonly services: Attempts<ServiceExchange>
  /** Of several questions on one connection those that never got an answer, where another one did. */
  readonly unanswered: readonly ServiceExchange[]
  /** Connections to the ports that an endpoint mapper named, and what was said on them. */
  readonly endpoints: EndpointPorts
  readonly exchanges: Attempts<HttpExchange>
  readonly datagrams: Attempts<UdpExchange>
  /** Why the conversation was not finished though nothing failed. */
  readonly unfinished: Unfinished | undefined
  readonly limits: readonly ToolLimit[]
  /** Answers over HTTP that are not the flow's own: other paths, other servers, plain requests. */
  readonly controlExchanges: readonly HttpExchange[]
  /** Answers of the flow's own port to a plain HTTP request. */
  readonly plainExchanges: readonly HttpExchange[]
  readonly fetches: readonly AiaFetch[]
}

/** Handshakes by what they vary against the flow's own. */
interface Handshakes {
  readonly handshakes: Attempts<TlsHandshake>
  /** The flow's own established handshake, when there is one, and what its chain says. */
  readonly shaken: TlsHandshake | undefined
  readonly chain: ChainVerdict | undefined
  /** With the same address and port under another name. */
  readonly otherServerNames: readonly TlsHandshake[]
  /** With the same address, port and name, and other versions offered. */
  readonly otherOffers: readonly TlsHandshake[]
  /** Under the same name with another address. */
  readonly otherAddresses: readonly TlsHandshake[]
  /** Every established handshake that is not the flow's own. */
  readonly peers: readonly TlsHandshake[]
}

/** What says something of another way, another interface or a crowd: no repetition of the question, whatever came of it. */
function isApart({ varies }: Observation): boolean {
  return varies === 'proxy' || varies === 'source' || varies === 'crowd'
}

/** What was bound to the address that this machine chooses anyway is the question once more. */
function isUsual(one: Observation, all: readonly Observation[]): boolean {
  return (
    one.kind === 'tcp-connect' &&
    one.varies === 'source' &&
    all.some((own) => own.kind === 'tcp-connect' && isOwn(own) && own.localAddress === one.localAddress)
  )
}

function fromOtherSources(all: readonly Observation[]): readonly TcpConnect[] {
  return all.filter(
    (one): one is TcpConnect => one.kind === 'tcp-connect' && one.varies === 'source' && !isUsual(one, all),
  )
}

/** A datagram that came and does not answer the question that was put in the service's own protocol is no answer. */
function isAnswered({ outcome, asked, answer }: UdpExchange): boolean {
  return outcome === 'answer' && (asked === undefined || answer !== undefined)
}

/** Puts the observations of a case in order. Pure, total: any list of observations gives a value. */
export function lookAt({ flow, observations: all, context }: Case): Seen {
  // What was met on another way out is compared as a whole, and is no part of this one.
  const compared = all.some(isApart)
  const observations = compared ? all.filter((one) => !isApart(one) || isUsual(one, all)) : all
  const otherWay = compared ? all.filter(({ varies }) => varies === 'proxy') : []
  const kinds = byKind(observations)
  const place = placeOf(flow, observations)
  const neighbours = neighboursOf(kinds, place)
  const lookups = lookupsOf(kinds['name-lookup'], flow, place.address)
  const handshakes = handshakesOf(kinds['tls-handshake'], flow, place, context)
  const endpoints = endpointPortsOf(flow, kinds, place.port)
  const connects = connectsOf(kinds['tcp-connect'], place, endpoints)
  const exchanges = attempts(
    kinds['http-exchange'].filter((one) => isOwn(one) && one.method !== 'CONNECT'),
    ({ outcome, status }) => outcome === 'response' || (outcome === 'too-large' && status !== undefined),
  )
  const { services, unanswered } = servicesOf(kinds['service-exchange'], endpoints)
  const datagrams = attempts(kinds['udp-exchange'].filter(isOwn), isAnswered)
  const proxyConnects = attempts(
    kinds['tcp-connect'].filter((one) => one.proxy !== undefined && one.proxy === flow.via && isOwn(one)),
    ({ outcome }) => outcome === 'connected',
  )
  const asked = kinds['http-exchange'].filter(
    ({ method, through }) => method === 'CONNECT' && through !== undefined && through === flow.via,
  )
  const tunnels = attempts(asked.filter(isOwn), isTunnel)
  const phases = {
    name: lookups.lookups,
    proxy: proxyConnects,
    tunnel: tunnels,
    connect: connects,
    tls: handshakes.handshakes,
    service: services,
    http: exchanges,
    dns: lookups.dns,
    udp: datagrams,
  }
  const ended = endOf(phases)
  const limits = kinds['tool-limit'].filter(isOwn)
  const responses = kinds['http-exchange'].filter(
    (one) => !isOwn(one) && one.outcome === 'response' && one.method !== 'CONNECT',
  )
  // Written out, since spreading the parts would cost as much as sorting them: a check judges a thousand flows.
  return {
    flow,
    context,
    observations,
    kinds,
    address: place.address,
    from: neighbours.localAddress ?? flow.from,
    lookups: lookups.lookups,
    controlLookups: lookups.controlLookups,
    otherLookups: lookups.otherLookups,
    dns: lookups.dns,
    dnsOtherwise: lookups.dnsOtherwise,
    nowhere: lookups.nowhere,
    sameHostOpen: neighbours.sameHostOpen,
    sameHostRefuses: neighbours.sameHostRefuses,
    sameHostSilent: neighbours.sameHostSilent,
    samePortOpen: neighbours.samePortOpen,
    elsewhereAnswers: neighbours.elsewhereAnswers,
    comparableAnswers: neighbours.comparableAnswers,
    elsewhereDead: neighbours.elsewhereDead,
    handshakes: handshakes.handshakes,
    shaken: handshakes.shaken,
    chain: handshakes.chain,
    otherServerNames: handshakes.otherServerNames,
    otherOffers: handshakes.otherOffers,
    otherAddresses: handshakes.otherAddresses,
    peers: handshakes.peers,
    stop: ended.stop,
    wavering: ended.wavering,
    furthest: ended.furthest,
    connects,
    proxyConnects,
    tunnels,
    otherTunnels: asked.filter((one) => !isOwn(one) && one.outcome === 'response'),
    otherWay,
    otherSources: compared ? fromOtherSources(all) : [],
    rounds: compared ? roundsOf(all) : [],
    services,
    unanswered,
    endpoints,
    exchanges,
    datagrams,
    unfinished: unfinishedBy(phases, ended.furthest, limits),
    limits,
    controlExchanges: responses,
    plainExchanges: responses.filter(({ varies }) => varies === 'plain-http'),
    fetches: kinds['aia-fetch'].filter(({ outcome }) => outcome !== 'aborted' && outcome !== 'tool-limit'),
  }
}

/** Where the flow's own question was put: the target's address, or the one that it was resolved to. */
function placeOf({ target }: Flow, observations: readonly Observation[]): Place {
  const put = observations.find((one) => 'address' in one && isOwn(one))
  const address = target.address ?? (put !== undefined && 'address' in put ? put.address : undefined)
  const port = target.port ?? (put !== undefined && 'port' in put ? put.port : undefined)
  return { address, port, transport: target.transport }
}

/** Connections to the place; one that a control made and that worked says as much as a repetition. */
function connectsOf(
  all: readonly TcpConnect[],
  { address, port, transport }: Place,
  endpoints: EndpointPorts,
): Attempts<TcpConnect> {
  const there = all.filter(
    (one) =>
      one.address === address &&
      one.proxy === undefined &&
      !endpoints.connects.includes(one) &&
      (isOwn(one) || (one.port === port && transport === 'tcp' && one.outcome === 'connected')),
  )
  return attempts(there, ({ outcome }) => outcome === 'connected')
}

/**
 * Questions of the service at the flow's own port. Several may be put on one connection: that another one stays without an
 * answer makes none waver that was answered.
 */
function servicesOf(
  all: readonly ServiceExchange[],
  endpoints: EndpointPorts,
): { readonly services: Attempts<ServiceExchange>; readonly unanswered: readonly ServiceExchange[] } {
  const own = all.filter((one) => isOwn(one) && !endpoints.binds.includes(one))
  const services = attempts(own, ({ outcome, answer }) => outcome === 'answer' && answer !== undefined)
  if (services.worked.length === 0 || services.failed.length === 0) return { services, unanswered: [] }
  const answered = new Set(services.worked.map(keyOf))
  const unanswered = services.failed.filter((one) => !answered.has(keyOf(one)))
  return { services: { ...services, failed: services.failed.filter((one) => answered.has(keyOf(one))) }, unanswered }
}

const keyOf = ({ asked, of }: ServiceExchange): string => `${asked} ${of ?? ''}`

function handshakesOf(
  all: readonly TlsHandshake[],
  flow: Flow,
  { address, port }: Place,
  context: JudgementContext,
): Handshakes {
  const { target, via } = flow
  const first = all.find(isOwn)
  const again = all.filter(
    (one) => first !== undefined && (isOwn(one) || isAnswerToOthers(one)) && isSameQuestion(one, first),
  )
  const others = all.filter((one) => !again.includes(one) && one.outcome !== 'aborted')
  const here = others.filter((one) =>
    via === undefined ? one.address === address && one.port === port : isInTunnelOf(flow, one),
  )
  // Where the flow itself has not shaken hands there is no name to be the same as.
  const hasSameName = ({ serverName }: TlsHandshake): boolean =>
    first !== undefined && sameServerName(serverName, first.serverName)
  const peers = others.filter(({ outcome }) => outcome === 'established')
  const handshakes = attempts(again, ({ outcome }) => outcome === 'established')
  const shaken = handshakes.worked.at(-1)
  return {
    handshakes,
    shaken,
    chain: shaken && judgeChain(shaken, peers, target.name, context),
    otherServerNames: here.filter((one) => !hasSameName(one)),
    otherOffers: here.filter(hasSameName),
    otherAddresses: others.filter((one) => one.address !== address && sameName(one.serverName, target.name)),
    peers,
  }
}

/**
 * Whether a handshake went through a tunnel to the flow's own target. Through a proxy every name is another place, and the
 * same name is the same place; a posture asks one place alone, by whatever name.
 */
function isInTunnelOf({ target, via }: Flow, { through, role, serverName }: TlsHandshake): boolean {
  if (through !== via) return false
  if (role === 'posture') return true
  // Where no name was sent, nothing tells to which address the tunnel of another flow led.
  if (target.name === undefined) return serverName === undefined && role !== 'context'
  return sameName(serverName, target.name)
}

/** What another flow of the check was answered says as much as a repetition, where it put the same question. */
function isAnswerToOthers({ role, outcome }: TlsHandshake): boolean {
  return role === 'context' && outcome === 'established'
}

/** The same place, name and versions: a handshake that offers others is a comparison, whatever it was filed as. */
function isSameQuestion(one: TlsHandshake, first: TlsHandshake): boolean {
  return (
    one.address === first.address &&
    one.port === first.port &&
    one.serverName === first.serverName &&
    one.offered.minVersion === first.offered.minVersion &&
    one.offered.maxVersion === first.offered.maxVersion &&
    one.offered.hello === first.offered.hello
  )
}
