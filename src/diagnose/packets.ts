import { hostPort } from '../model/hostPort.ts'
import type { PacketEvidence } from '../model/observation.ts'
import type { IcmpErrorSeen } from '../model/packetFacts.ts'
import type { IcmpMeaning } from './icmpErrors.ts'
import { icmpErrorName, icmpMeaning } from './icmpErrors.ts'
import { isOwn } from './observations.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import { filteredSilently } from './transport.ts'
import { allowRule, captureAt, duration, hostOf, listed, placeOf, portOf, serviceOf } from './wording.ts'

/**
 * Causes that packets alone show, of a check that captured: who sent a reset, which device an ICMP message is from, and
 * what came that this machine did not take. Without packets none of them is asked, and what the system says is judged.
 */
export const packetRules: readonly Rule[] = needing('packet-evidence', [
  { cause: 'admin-prohibited', match: prohibitedBy },
  { cause: 'refused-by-host', match: refusedByHost },
  { cause: 'refused-by-firewall', match: refusedByFirewall },
  { cause: 'no-route', match: noWayOn },
  { cause: 'high-latency', match: answeredTooLate },
  { cause: 'asymmetric-path', match: answerNotTaken },
  { cause: 'pmtu-black-hole', match: tooBigUnheard },
])

/** Silence that packets confirm. It comes where silence is judged, after what else may be behind it. */
export const packetSilenceRules: readonly Rule[] = needing('packet-evidence', [
  { cause: 'filtered-silently', match: silentlyFiltered },
])

/** Resets within a connection. They come after what tells why a handshake is cut: who cuts it is the lesser word. */
export const packetResetRules: readonly Rule[] = needing('packet-evidence', [
  { cause: 'refused-by-firewall', match: resetOnTheWay },
])

/** The flow's own attempts as packets show them: how each failed is the same, or nothing is said. */
export interface Looked {
  readonly failed: readonly { readonly id: string; readonly outcome: string; readonly ms: number }[]
  readonly packets: readonly PacketEvidence[]
  readonly address: string
}

export function look({ stop, kinds, address }: Seen): Looked | undefined {
  if (stop?.phase !== 'connect' && stop?.phase !== 'udp' && stop?.phase !== 'dns') return undefined
  if (address === undefined) return undefined
  const ids = new Set(stop.failed.map(({ id }) => id))
  const packets = kinds['packet-evidence'].filter((one) => ids.has(one.of) && one.address === address)
  return packets.length === 0 ? undefined : { failed: stop.failed, packets, address }
}

/** What was said by ICMP, when every attempt that anything was said of heard the same from the same device. */
export function toldByIcmp({
  packets,
}: Looked): { readonly error: IcmpErrorSeen; readonly means: IcmpMeaning } | undefined {
  const said = packets.flatMap(({ icmp }) =>
    icmp.flatMap((error) => {
      const means = icmpMeaning(error)
      return means === undefined || means === 'too-big' ? [] : [{ error, means }]
    }),
  )
  const [first] = said
  if (first === undefined || packets.some(({ rst, synAck }) => rst !== undefined || synAck !== undefined)) {
    return undefined
  }
  return said.every(({ error, means }) => error.from === first.error.from && means === first.means) ? first : undefined
}

const decidedBy = ({ failed, packets }: Looked, ...others: readonly (readonly { readonly id: string }[])[]) =>
  idsOf(failed, packets, ...others)

/** The devices' own word, with who says it. */
function prohibitedBy(seen: Seen): Match | undefined {
  const looked = look(seen)
  const told = looked && toldByIcmp(looked)
  if (looked === undefined || told === undefined) return undefined
  const { flow, address, from, sameHostOpen } = seen
  const { error, means } = told
  const open = sameHostOpen.slice(0, 4)
  const byHost = error.from === looked.address
  const where = byHost ? `${hostOf(flow)} itself` : error.from
  const rule = allowRule(flow, { from, address })
  const place = placeOf(flow)
  if (means === 'prohibited') {
    return {
      confidence: 'certain',
      says: `${place} is forbidden by ${where}: ${icmpErrorName(error)}`,
      fix: `on ${where}: ${rule}`,
      alternatives: [],
      decidedBy: decidedBy(looked),
      ...(byHost && { owner: 'host' }),
    }
  }
  if (means !== 'no-way') return undefined
  // A host needs no way to itself.
  if (byHost) {
    return {
      confidence: 'likely',
      says: `${place} is called unreachable by ${where} (${icmpErrorName(error)}): its own rules refuse the port`,
      fix: `on ${where}: ${rule}`,
      alternatives: ['refused-by-host'],
      nextProbe: captureAt(address, flow.target),
      decidedBy: decidedBy(looked),
      owner: 'host',
    }
  }
  // A host that is reached on another port is there: who calls it unreachable tells the ports apart.
  if (open.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${place} is called unreachable by ${error.from} (${icmpErrorName(error)}), and ${listed(open.map(({ what }) => what))} on the same host ${open.length > 1 ? 'answer' : 'answers'}: that device forbids the port`,
    fix: `on ${error.from}: ${rule}`,
    alternatives: ['no-route'],
    nextProbe: `read the rules and the policy routes of ${error.from}`,
    decidedBy: decidedBy(looked, open),
  }
}

/** A router's word that it has no way on, or that a packet went in circles. */
function noWayOn(seen: Seen): Match | undefined {
  const looked = look(seen)
  const told = looked && toldByIcmp(looked)
  if (looked === undefined || told === undefined || seen.sameHostOpen.length > 0) return undefined
  const { error, means } = told
  if (means !== 'no-way' && means !== 'exceeded') return undefined
  const { flow, address } = seen
  const place = placeOf(flow)
  const circles = means === 'exceeded'
  return {
    // A device may refuse with these words as well; that a packet was too long on the way is nobody's choice.
    confidence: circles ? 'certain' : 'likely',
    says: circles
      ? `the way to ${place} does not end: at ${error.from} the ${icmpErrorName(error)}`
      : `${error.from} has no way to ${place}: ${icmpErrorName(error)}`,
    fix: circles
      ? `mend the routes of ${error.from} and its neighbours, which send packets for ${address ?? flow.to} to each other`
      : `add or mend the route of ${error.from} to ${address ?? flow.to}, or bring the host up`,
    alternatives: circles ? [] : ['admin-prohibited'],
    nextProbe: `read the route of ${error.from} to ${address ?? flow.to}`,
    decidedBy: decidedBy(looked),
  }
}

/** How far away the sender of a reset is, beside the host's own answers on other ports. */
interface Origin {
  readonly of: 'host' | 'nearer' | 'hastier'
  readonly ttl: number
  /** Hops by which it is nearer. */
  readonly nearerBy: number
  /** The answers of the host that it was held against. */
  readonly answers: readonly PacketEvidence[]
}

/** Times to live that systems send with; what is left of it tells the hops. */
const initialTtls = [64, 128, 255] as const

export function hopsOf(ttl: number): number {
  return (initialTtls.find((initial) => initial >= ttl) ?? ttl) - ttl
}

/** An answer takes at least so long for its time to tell anything, in milliseconds. */
const tellingMs = 20

/**
 * Whose the resets are. A host answers SYNs and refuses them with one stack, from one place: what its SYN-ACKs have left
 * of their time to live, its resets have. A device on the way is nearer, or answers sooner than the host can.
 *
 * @returns undefined where there is nothing to compare with, where attempts differ, and where only the sender's first
 *   value may differ, which some systems choose by what they send
 */
export function originOf({ packets, address }: Looked, { kinds }: Seen): Origin | undefined {
  const resets = packets.flatMap(({ rst }) => (rst?.before === 'syn-ack' ? [rst] : []))
  const answers = kinds['packet-evidence'].filter((one) => one.address === address && one.synAck !== undefined)
  const synAcks = answers.flatMap(({ synAck }) => synAck ?? [])
  if (resets.length === 0 || synAcks.length === 0) return undefined
  const hostHops = Math.min(...synAcks.map(({ ttl }) => hopsOf(ttl)))
  const hostMs = Math.min(...synAcks.map(({ afterMs }) => afterMs))
  const origins = resets.map(({ ttl, afterMs }): Origin | undefined => {
    const nearerBy = hostHops - hopsOf(ttl)
    const sooner = hostMs >= tellingMs && afterMs * 4 < hostMs
    if (synAcks.some((synAck) => synAck.ttl === ttl)) return { of: sooner ? 'hastier' : 'host', ttl, nearerBy, answers }
    return nearerBy > 0 ? { of: 'nearer', ttl, nearerBy, answers } : undefined
  })
  const [first] = origins
  return origins.every((origin) => origin?.of === first?.of && origin?.ttl === first?.ttl) ? first : undefined
}

export const portsOf = (answers: readonly PacketEvidence[]): string => listed(answers.map(({ port }) => String(port)))

function refusedByHost(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined) return undefined
  const { flow, address } = seen
  const place = placeOf(flow)
  const outside = flow.direction === 'outbound-internet'
  const match = (how: string, answers: readonly PacketEvidence[]): Match => ({
    confidence: 'certain',
    says: `${place} is refused by ${hostOf(flow)} itself: ${how}`,
    fix: outside
      ? `nothing on the path refuses: see whether ${hostOf(flow)} still serves ${portOf(flow.target)}`
      : `start ${serviceOf(flow.target)} on ${hostOf(flow)} so that it listens on ${hostPort(address ?? hostOf(flow), flow.target.port)}; if it does, its own firewall refuses`,
    alternatives: [],
    nextProbe: `on ${hostOf(flow)}: does anything listen on ${portOf(flow.target)}?`,
    decidedBy: decidedBy(looked, answers),
  })
  const told = toldByIcmp(looked)
  if (told?.means === 'port' && told.error.from === looked.address) {
    return match(`it says ${icmpErrorName(told.error)}`, [])
  }
  if (!isRefused(looked)) return undefined
  const origin = originOf(looked, seen)
  if (origin?.of !== 'host') return undefined
  return match(
    `its reset has as much left of its time to live (${origin.ttl}) as its answers on ${portsOf(origin.answers)}`,
    origin.answers,
  )
}

function refusedByFirewall(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined) return undefined
  const { flow, address, from } = seen
  const place = placeOf(flow)
  const rule = allowRule(flow, { from, address })
  const told = toldByIcmp(looked)
  if (told?.means === 'port' && told.error.from !== looked.address) {
    const { error } = told
    return {
      confidence: 'certain',
      says: `${place} is refused by ${error.from}, which is not ${hostOf(flow)}: ${icmpErrorName(error)}`,
      fix: `on ${error.from}: ${rule}`,
      alternatives: [],
      decidedBy: decidedBy(looked),
    }
  }
  if (!isRefused(looked)) return undefined
  const origin = originOf(looked, seen)
  if (origin === undefined || origin.of === 'host') return undefined
  const ports = portsOf(origin.answers)
  if (origin.of === 'hastier') {
    return {
      confidence: 'likely',
      says: `${place} is refused by a device in the name of ${hostOf(flow)}: the reset comes sooner than any answer of the host on ${ports}`,
      fix: rule,
      alternatives: ['refused-by-host'],
      nextProbe: captureAt(address, flow.target),
      decidedBy: decidedBy(looked, origin.answers),
    }
  }
  const { nearerBy, ttl } = origin
  // Ways through the internet differ by a hop from connection to connection.
  const mayWaver = flow.direction === 'outbound-internet' && nearerBy < 2
  const hops = hopsOf(ttl)
  return {
    confidence: mayWaver ? 'likely' : 'certain',
    says: `${place} is refused by a device on the way, ${hops === 0 ? 'the next hop' : `${hops} ${hops === 1 ? 'hop' : 'hops'} from here`}, in the name of ${hostOf(flow)}: its reset has ${ttl} left of its time to live, the answers of the host on ${ports} have ${listed(origin.answers.map(({ synAck }) => String(synAck?.ttl)))}`,
    fix: rule,
    alternatives: mayWaver ? ['refused-by-host'] : [],
    nextProbe: `traceroute -T -p ${origin.answers[0]?.port ?? 443} ${address ?? hostOf(flow)} names the device: it is ${nearerBy === 1 ? 'the hop' : `${nearerBy} hops`} before the host`,
    decidedBy: decidedBy(looked, origin.answers),
  }
}

/** A reset within a connection that comes from nearer than the host's answer to its SYN. */
interface Injected {
  readonly packets: readonly PacketEvidence[]
  /** In words, as the end of a sentence. */
  readonly says: string
}

/**
 * Whether somebody on the way ends the flow's own connections in the name of the host, before it has said anything: the
 * SYN-ACK of the same connection shows how far away the host is. A proxy that answers SYNs itself is both.
 *
 * @returns undefined where one of the resets may be the host's own
 */
export function injectedReset({ stop, kinds, flow, address }: Seen): Injected | undefined {
  if (stop?.phase !== 'tls' && stop?.phase !== 'service' && stop?.phase !== 'http') return undefined
  const failed: readonly { readonly outcome: string }[] = stop.failed
  if (failed.some(({ outcome }) => outcome !== 'reset')) return undefined
  const packets = kinds['packet-evidence'].filter(
    (one) => isOwn(one) && one.address === address && one.port === flow.target.port && one.rst !== undefined,
  )
  const [first] = packets
  const isNearer = ({ synAck, rst }: PacketEvidence): boolean =>
    synAck !== undefined && rst?.before === 'payload' && hopsOf(rst.ttl) < hopsOf(synAck.ttl)
  if (first === undefined || !packets.every(isNearer)) return undefined
  const { synAck, rst } = first
  return {
    packets,
    says: `the reset comes from nearer than the host: ${rst?.ttl} is left of its time to live, of the SYN-ACK of the same connection ${synAck?.ttl}`,
  }
}

function resetOnTheWay(seen: Seen): Match | undefined {
  const { stop, flow, address, from, otherServerNames } = seen
  const injected = injectedReset(seen)
  if (stop === undefined || injected === undefined) return undefined
  const { packets, says } = injected
  return {
    confidence: 'certain',
    says: `a device on the way lets connections to ${placeOf(flow)} stand and ends them once something is said: ${says}`,
    fix: `${allowRule(flow, { from, address })}, with what is said on it: an intrusion prevention or an application filter ends it`,
    alternatives: stop.phase === 'tls' && otherServerNames.length === 0 ? ['sni-filter'] : [],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(stop.failed, packets),
  }
}

export function isRefused({ failed }: Looked): boolean {
  return failed.every(({ outcome }) => outcome === 'refused' || outcome === 'reset')
}

function isSilent({ failed }: Looked): boolean {
  return failed.every(({ outcome }) => outcome === 'timeout')
}

/** The answer came, after this machine had given up: it resets what it does not know any more. */
function answeredTooLate(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined || !isSilent(looked)) return undefined
  const late = looked.packets.filter(({ synAck, ownRst }) => synAck !== undefined && ownRst === true)
  if (late.length === 0 || late.length < looked.packets.length) return undefined
  const waitedMs = Math.max(...looked.failed.map(({ ms }) => ms))
  return {
    confidence: 'likely',
    says: `${placeOf(seen.flow)} answers, but only after the ${duration(waitedMs)} that it was given`,
    fix: 'raise the time-outs of the services that use this path, or mend what delays it',
    alternatives: ['saturation', 'lossy-path'],
    nextProbe: 'run this again with a longer --timeout',
    decidedBy: decidedBy(looked),
  }
}

/** The SYN-ACK is on this machine's interface, and its system goes on as if nothing had come. */
function answerNotTaken(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined || !isSilent(looked)) return undefined
  const { packets } = looked
  const came = packets.filter(({ synAck, ownRst, rst }) => synAck !== undefined && ownRst !== true && rst === undefined)
  if (came.length === 0 || came.length < packets.length) return undefined
  const { flow } = seen
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} answers, its SYN-ACK reaches an interface of this machine, and this machine does not take it: it comes by another way than the one out, or a filter here drops it`,
    fix: `lead the answers of ${hostOf(flow)} back by the way that the questions take, or let this machine take them as they come (rp_filter=2 on Linux); see that its own firewall lets them in`,
    alternatives: ['filtered-silently'],
    nextProbe: 'on this machine: nstat -az TcpExtIPReversePathFilter, and the counters of its firewall',
    decidedBy: decidedBy(looked),
    owner: 'host',
  }
}

/** A router asks for smaller packets, this machine hears it on its interface, and the conversation hangs all the same. */
function tooBigUnheard({ stop, kinds, flow, address, from }: Seen): Match | undefined {
  if (stop?.phase !== 'tls' && stop?.phase !== 'http' && stop?.phase !== 'service') return undefined
  const failed: readonly { readonly id: string; readonly outcome: string }[] = stop.failed
  if (failed.some(({ outcome }) => outcome !== 'timeout')) return undefined
  const packets = kinds['packet-evidence'].filter(
    (one) => isOwn(one) && one.address === address && one.port === flow.target.port && (one.resent ?? 0) > 0,
  )
  const [error] = packets.flatMap(({ icmp }) => icmp.filter((one) => icmpMeaning(one) === 'too-big'))
  if (error === undefined) return undefined
  const size = error.mtu === undefined ? '' : ` of at most ${error.mtu} octets`
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} takes the connection and hangs: ${error.from} asks for smaller packets${size} (${icmpErrorName(error)}), and this machine sends the same again`,
    fix: `let ICMP 3/4 (ICMPv6 2/0) from ${error.from} in on ${from}, or set the MTU of its interface to ${error.mtu ?? 'what the path takes'}`,
    alternatives: ['payload-dropped'],
    nextProbe: `the same with a smaller MTU on ${from}`,
    decidedBy: idsOf(failed, packets),
  }
}

/** The comparison of transport.ts, and packets that show that the SYNs left and nothing came. */
function silentlyFiltered(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined) return undefined
  const { packets } = looked
  const match = filteredSilently(seen)
  if (match === undefined || packets.some(cameBack)) return undefined
  // What a capture has lost may have been the answer.
  if (packets.length < looked.failed.length || packets.some(({ lost = 0 }) => lost > 0)) return undefined
  const sent = packets.reduce((sum, one) => sum + one.sent, 0)
  const isHasty = match.alternatives.includes('high-latency')
  return {
    ...match,
    // The comparison is one kind of evidence, the packets are another.
    confidence: isHasty ? match.confidence : 'likely',
    says: `${match.says}; ${sent} ${sent === 1 ? 'SYN' : 'SYNs'} left this machine and no packet came back`,
    decidedBy: [...new Set([...match.decidedBy, ...idsOf(packets)])],
  }
}

function cameBack({ synAck, rst, icmp }: PacketEvidence): boolean {
  return synAck !== undefined || rst !== undefined || icmp.length > 0
}
