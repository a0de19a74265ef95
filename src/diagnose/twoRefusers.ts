import type { PacketEvidence } from '../model/observation.ts'
import { hopsOf, isRefused, look, portsOf } from './packets.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import { allowRule, captureAt, hostOf, listed, placeOf } from './wording.ts'

/** Refusals of one host that come from two distances, where none of its ports answers to tell which is its own. */
export const twoRefusersRules: readonly Rule[] = needing('packet-evidence', [
  { cause: 'refused-by-firewall', match: refusedFromNearer },
])

/**
 * Two distances are two senders, and the nearer one is not the host that the farther one is, unless a gateway hands its
 * other ports on to a machine behind it.
 */
function refusedFromNearer(seen: Seen): Match | undefined {
  const looked = look(seen)
  if (looked === undefined || !isRefused(looked)) return undefined
  const { flow, address, from, kinds } = seen
  const all = kinds['packet-evidence'].filter((one) => one.address === looked.address)
  const own = looked.packets.flatMap(({ rst }) => (rst?.before === 'syn-ack' ? [rst.ttl] : []))
  const [ttl] = own
  // Where anything of the host answers, that is what refusals are held against.
  if (ttl === undefined || own.some((other) => other !== ttl) || all.some(({ synAck }) => synAck !== undefined)) {
    return undefined
  }
  const farther = all.filter((one) => !looked.packets.includes(one) && refusalHops(one) > hopsOf(ttl))
  if (farther.length === 0) return undefined
  const hops = hopsOf(ttl)
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} is refused by a device on the way, ${hops === 0 ? 'the next hop' : `${hops} ${hops === 1 ? 'hop' : 'hops'} from here`}, in the name of ${hostOf(flow)}: its reset has ${ttl} left of its time to live, and the one of ${portsOf(farther)}, which comes from farther, ${listed(farther.map(({ rst }) => String(rst?.ttl)))}`,
    fix: allowRule(flow, { from, address }),
    alternatives: ['refused-by-host'],
    nextProbe: captureAt(address, flow.target),
    decidedBy: idsOf(looked.failed, looked.packets, farther),
  }
}

/** From how far a refusal comes; -1 where none was seen. */
function refusalHops({ rst }: PacketEvidence): number {
  return rst?.before === 'syn-ack' ? hopsOf(rst.ttl) : -1
}
