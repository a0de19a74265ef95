import type { ServiceExchange, UdpExchange } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import type { Clock } from './clock.ts'
import { clocksOf, noticedSkewMs, offsetOf, serverOf, skewOf, timeOf, toleratedSkewMs } from './clock.ts'
import { goesToController } from './controllers.ts'
import { isOwn } from './observations.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { duration, hostOf, listed } from './wording.ts'

/** This machine's clock against those of unrelated organisations, where Kerberos was asked. */
export const kerberosClockRules: readonly Rule[] = [{ cause: 'clock-wrong', match: clockWrong }]

/**
 * The clocks of one host, held against each other and against this machine's. A skew is told at the flows that Kerberos
 * rides on, which are the ones that it ends; where those tell it, the host's other clocks accuse nobody. Where neither
 * Kerberos nor a time service of the host was heard, its directory tells it, and else its files.
 */
export const hostClockRules: readonly Rule[] = [
  { cause: 'undetermined', match: clocksDisagree },
  { cause: 'clock-skew', match: hostSkew },
]

/** A clock of a host, by the service that told it. */
interface HostClock {
  readonly by: string
  readonly exchange: ServiceExchange | UdpExchange
  /** The host's clock less this machine's, in milliseconds. */
  readonly skewMs: number
}

/** The clocks of the flow's host, one a service, the flow's own first. */
export function hostClocksOf({ kinds, address }: Seen): readonly HostClock[] {
  const all = [...kinds['service-exchange'], ...kinds['udp-exchange']]
  const clocks = new Map<string, HostClock>()
  for (const exchange of [...all.filter(isOwn), ...all.filter((one) => !isOwn(one))]) {
    const told = exchange.address === address ? clockOf(exchange) : undefined
    if (told !== undefined && !clocks.has(told.by)) clocks.set(told.by, { ...told, exchange })
  }
  return [...clocks.values()]
}

/** Whether the host's Kerberos tells a skew, so that its flow is the one to say so. */
export function isToldByKerberos(seen: Seen): boolean {
  return hostClocksOf(seen).some(({ by, skewMs }) => by === kerberos && Math.abs(skewMs) > noticedSkewMs)
}

/**
 * Whether the clocks that a flow tells apart are so far from each other that every ticket of Kerberos is refused: then
 * nothing of the domain works, whatever its ports do. A time server that is no domain controller hands out no tickets.
 */
export function endsKerberos(flow: FlowReport): boolean {
  if (flow.cause !== 'clock-skew' || (flow.target.service === 'ntp' && !goesToController(flow))) return false
  return flow.evidence.some((seen) => {
    if (seen.kind !== 'service-exchange' && seen.kind !== 'udp-exchange') return false
    return flow.decidedBy.includes(seen.id) && isOwn(seen) && Math.abs(skewOf(seen) ?? 0) >= toleratedSkewMs
  })
}

const kerberos = 'Kerberos'

function clockOf(exchange: ServiceExchange | UdpExchange): Pick<HostClock, 'by' | 'skewMs'> | undefined {
  const { answer, asked } = exchange
  if (answer?.kind === 'kerberos-error') {
    return { by: asked === 'kpasswd-request' ? 'password service' : kerberos, skewMs: answer.skewMs }
  }
  if (answer?.kind === 'root-dse' || answer?.kind === 'smb') {
    const by = answer.kind === 'smb' ? 'SMB' : 'LDAP'
    return answer.skewMs === undefined ? undefined : { by, skewMs: answer.skewMs }
  }
  const skewMs = exchange.kind === 'udp-exchange' ? offsetOf(exchange) : undefined
  return skewMs === undefined ? undefined : { by: 'NTP', skewMs }
}

const clockRanks: readonly (readonly HostClock['by'][])[] = [[kerberos, 'password service', 'NTP'], ['LDAP'], ['SMB']]

/** Whether a flow without Kerberos is the one to tell the skew of its host: of several that could, the one at the lowest port. */
function tellsInstead(seen: Seen): boolean {
  const clocks = hostClocksOf(seen)
  const best = clockRanks.find((each) => clocks.some(({ by }) => each.includes(by)))
  if (best === undefined || best === clockRanks[0]) return false
  const all = [...seen.kinds['service-exchange'], ...seen.kinds['udp-exchange']]
  const telling = all.filter((one) => one.address === seen.address && best.includes(clockOf(one)?.by ?? ''))
  return Math.min(...telling.map(({ port }) => port)) === seen.flow.target.port
}

/** The flow's own clock, where it is further off than is usual. */
function ownSkew(seen: Seen): HostClock | undefined {
  const own = hostClocksOf(seen).find(({ exchange }) => isOwn(exchange))
  return own !== undefined && Math.abs(own.skewMs) > noticedSkewMs ? own : undefined
}

const isKerberos = ({ flow }: Seen): boolean => flow.target.service === 'kerberos' || flow.target.service === 'kpasswd'

function clockWrong(seen: Seen): Match | undefined {
  const own = isKerberos(seen) ? ownSkew(seen) : undefined
  if (own === undefined || Math.abs(own.skewMs) <= toleratedSkewMs) return undefined
  const { by } = timeOf(seen)
  if (by.length < 2 || !by.some(({ skewMs }) => Math.sign(skewMs) === Math.sign(own.skewMs))) return undefined
  return {
    confidence: 'certain',
    says: `this machine's clock is ${duration(Math.abs(own.skewMs))} ${own.skewMs < 0 ? 'ahead' : 'behind'}: ${listed(by.map(serverOf))}, which have nothing in common, agree with each other and not with it; Kerberos refuses its tickets`,
    fix: "set this machine's clock by its time source",
    alternatives: [],
    decidedBy: idsOf(
      [own.exchange],
      by.map(({ exchange }) => exchange),
    ),
  }
}

/** Two clocks of one host that are not one: it says nothing of which of them the host goes by. */
function clocksDisagree(seen: Seen): Match | undefined {
  const { flow } = seen
  const own = isKerberos(seen) || flow.target.service === 'ntp' || tellsInstead(seen) ? ownSkew(seen) : undefined
  if (own === undefined) return undefined
  const others = hostClocksOf(seen).filter(({ skewMs }) => Math.abs(skewMs - own.skewMs) > noticedSkewMs)
  if (others.length === 0) return undefined
  return {
    confidence: 'undetermined',
    says: `the clocks of ${hostOf(flow)} do not agree with each other: ${[own, ...others].map(words).join(', ')}: two machines behind one address, or a clock that was just set`,
    alternatives: ['clock-skew', 'wrong-target-dnat'],
    nextProbe: `run the check again; if it stays, see which machine each port of ${seen.address ?? hostOf(flow)} leads to`,
    decidedBy: idsOf(
      [own.exchange],
      others.map(({ exchange }) => exchange),
    ),
  }
}

function hostSkew(seen: Seen): Match | undefined {
  const { flow } = seen
  const own = isKerberos(seen) || tellsInstead(seen) ? ownSkew(seen) : undefined
  if (own === undefined) return undefined
  const same = hostClocksOf(seen).filter(({ exchange }) => exchange.id !== own.exchange.id)
  const elsewhere = clocksOf(seen).filter(({ exchange }) => !isAt(exchange, seen.address))
  const ours = elsewhere.filter(({ skewMs }) => Math.abs(skewMs) <= noticedSkewMs)
  const theirs = elsewhere.filter(({ skewMs }) => Math.abs(skewMs - own.skewMs) <= noticedSkewMs)
  const [isTheirs, isOurs] = [ours.length > 0 && theirs.length === 0, theirs.length > 0 && ours.length === 0]
  const far = Math.abs(own.skewMs) > toleratedSkewMs
  const way = `${duration(Math.abs(own.skewMs))} ${own.skewMs < 0 ? 'behind' : 'ahead of'}`
  const alike =
    same.length > 0 ? `; ${listed(same.map(({ by }) => by))} there ${same.length > 1 ? 'say' : 'says'} the same` : ''
  const apart = ours.length > theirs.length ? ours : theirs
  const third =
    ours.length > 0 || theirs.length > 0
      ? `; ${listed(apart.map(serverOf))} ${apart.length > 1 ? 'agree' : 'agrees'} with ${apart === ours ? 'this machine' : 'it'}`
      : ''
  return {
    confidence: 'certain',
    says: `the clock of ${hostOf(flow)} is ${way} this machine's, by its own ${own.by}${alike}: ${far ? 'more than the 5 min that Kerberos allows, so every ticket is refused' : 'on the way to the 5 min that Kerberos allows'}${third}`,
    fix: isTheirs
      ? `set the clock of ${hostOf(flow)} by its time source (w32tm /resync, chronyc makestep)`
      : isOurs
        ? "set this machine's clock by its time source (w32tm /resync, chronyc makestep), and see whether the site's other clocks are right"
        : 'give both ends the same time source, and find out by a third clock which of them is wrong',
    alternatives: isTheirs ? [] : ['clock-wrong'],
    ...(isTheirs && goesToController(flow) && { owner: 'directory' as const }),
    nextProbe: `w32tm /stripchart /computer:${flow.target.name ?? seen.address ?? hostOf(flow)}, and the same with a public time server`,
    decidedBy: idsOf(
      [own.exchange],
      same.map(({ exchange }) => exchange),
      apart.map(({ exchange }) => exchange),
    ),
  }
}

function isAt(exchange: Clock['exchange'], address: string | undefined): boolean {
  return exchange.kind !== 'http-exchange' && exchange.address === address
}

function words({ by, skewMs }: HostClock): string {
  const way =
    Math.abs(skewMs) <= 2000
      ? "agrees with this machine's"
      : `is ${duration(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`
  return `that of ${by} ${way}`
}
