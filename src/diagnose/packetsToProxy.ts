import { hostPort } from '../model/hostPort.ts'
import { icmpErrorName } from './icmpErrors.ts'
import type { Looked } from './packets.ts'
import { hopsOf, isRefused, originOf, portsOf, toldByIcmp } from './packets.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'

/**
 * What packets show of the connection to a proxy, of a check that captured. It is the proxy, or what stands before it,
 * that they speak of: the target of the flow has had no part in it.
 */
export const packetsToProxyRules: readonly Rule[] = needing('packet-evidence', [
  { cause: 'admin-prohibited', match: prohibited },
  { cause: 'refused-by-host', match: refusedByItself },
  { cause: 'refused-by-firewall', match: refusedBefore },
  { cause: 'no-route', match: noWay },
])

/** The attempts to reach the proxy, as packets show them. */
interface LookedAtProxy extends Looked {
  /** `the proxy egress (10.1.0.9:3128)`. */
  readonly place: string
  /** `allow tcp 10.1.0.10 -> 10.1.0.9:3128`. */
  readonly rule: string
}

function look({ stop, kinds, flow, from }: Seen): LookedAtProxy | undefined {
  if (stop?.phase !== 'proxy') return undefined
  const [first] = stop.failed
  if (first === undefined || stop.failed.some(({ address }) => address !== first.address)) return undefined
  const { address } = first
  const ids = new Set(stop.failed.map(({ id }) => id))
  const packets = kinds['packet-evidence'].filter((one) => ids.has(one.of) && one.address === address)
  if (packets.length === 0) return undefined
  const where = hostPort(address, first.port)
  const place = `the proxy ${flow.via} (${where})`
  return { failed: stop.failed, packets, address, place, rule: `allow tcp ${from} -> ${where}` }
}

function prohibited(seen: Seen): Match | undefined {
  const looked = look(seen)
  const told = looked && toldByIcmp(looked)
  if (looked === undefined || told?.means !== 'prohibited') return undefined
  const { error } = told
  const byItself = error.from === looked.address
  return {
    confidence: 'certain',
    says: `${looked.place} is forbidden by ${byItself ? 'its own host' : error.from}: ${icmpErrorName(error)}`,
    fix: `on ${error.from}: ${looked.rule}`,
    alternatives: [],
    decidedBy: idsOf(looked.failed, looked.packets),
    ...(byItself && { owner: 'proxy' }),
  }
}

function refusedByItself(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined) return undefined
  const match = (how: string, answers: Looked['packets']): Match => ({
    confidence: 'certain',
    says: `${looked.place} refuses connections itself: ${how}`,
    fix: `start the proxy ${seen.flow.via} so that it listens there, or give this machine one that does: proxies: of the site file, WinHTTP, machine.config`,
    alternatives: [],
    nextProbe: `on ${looked.address}: does anything listen on that port, and does its own firewall refuse it?`,
    decidedBy: idsOf(looked.failed, looked.packets, answers),
    owner: 'proxy',
  })
  const told = toldByIcmp(looked)
  if (told?.means === 'port' && told.error.from === looked.address) {
    return match(`its host says ${icmpErrorName(told.error)}`, [])
  }
  const origin = isRefused(looked) ? originOf(looked, seen) : undefined
  if (origin?.of !== 'host') return undefined
  return match(
    `the reset has as much left of its time to live (${origin.ttl}) as the answers of the host on ${portsOf(origin.answers)}`,
    origin.answers,
  )
}

function refusedBefore(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined) return undefined
  const { place, rule } = looked
  const told = toldByIcmp(looked)
  if (told?.means === 'port' && told.error.from !== looked.address) {
    const { error } = told
    return {
      confidence: 'certain',
      says: `${place} is refused by ${error.from}, which is not the proxy: ${icmpErrorName(error)}`,
      fix: `on ${error.from}: ${rule}`,
      alternatives: [],
      decidedBy: idsOf(looked.failed, looked.packets),
    }
  }
  const origin = isRefused(looked) ? originOf(looked, seen) : undefined
  if (origin === undefined || origin.of === 'host') return undefined
  const { ttl, answers } = origin
  const isHasty = origin.of === 'hastier'
  const hops = hopsOf(ttl)
  return {
    confidence: isHasty ? 'likely' : 'certain',
    says: isHasty
      ? `${place} is refused by a device in its name: the reset comes sooner than any answer of the host on ${portsOf(answers)}`
      : `${place} is refused by a device on the way, ${hops === 0 ? 'the next hop' : `${hops} ${hops === 1 ? 'hop' : 'hops'} from here`}, in its name: the reset has ${ttl} left of its time to live, and comes from nearer than the answers of the host on ${portsOf(answers)}`,
    fix: rule,
    alternatives: isHasty ? ['refused-by-host'] : [],
    nextProbe: `traceroute -T to ${looked.address} shows which device stands there`,
    decidedBy: idsOf(looked.failed, looked.packets, answers),
  }
}

function noWay(seen: Seen): Match | undefined {
  const looked = look(seen)
  const told = looked && toldByIcmp(looked)
  if (looked === undefined || (told?.means !== 'no-way' && told?.means !== 'exceeded')) return undefined
  const { error, means } = told
  const circles = means === 'exceeded'
  return {
    confidence: circles ? 'certain' : 'likely',
    says: circles
      ? `the way to ${looked.place} does not end: at ${error.from} the ${icmpErrorName(error)}`
      : `${error.from} has no way to ${looked.place}: ${icmpErrorName(error)}`,
    fix: `add or mend the route of ${error.from} to ${looked.address}, or bring the proxy up`,
    alternatives: circles ? [] : ['admin-prohibited', 'proxy-dead'],
    nextProbe: `read the route of ${error.from} to ${looked.address}`,
    decidedBy: idsOf(looked.failed, looked.packets),
  }
}
