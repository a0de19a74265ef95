import { hopsOf } from '../diagnose/packets.ts'
import type { PathTrace } from '../model/observation.ts'
import type { PathHop } from '../model/pathHop.ts'
import type { FlowReport } from '../model/report.ts'

/** Between which points something on the wire keeps a flow from passing, as far as the evidence tells. */
export interface PlaceOnWire {
  /** Who said itself that it forbids: the sender of an ICMP message, or the machine of the check. */
  readonly by?: string
  /** The last that let packets pass and was heard, and how many hops away it is. */
  readonly after?: { readonly address: string; readonly hop: number }
  /** Where packets for another port go on, or the target. */
  readonly before?: string
  /** How many hops away who answered in the host's name is, and how far the host is where that was seen. */
  readonly hops?: { readonly refuser: number; readonly host?: number }
  /** `between 10.1.0.1 (hop 1) and 10.2.0.5`: goes on from *stands*. */
  readonly says: string
}

/**
 * Reads the evidence of a flow that does not pass: senders of ICMP first, since they say it of themselves, then traces,
 * then the time to live of resets.
 *
 * @param named how an address is called in the site; the address itself where it has no name
 */
export function placeOnWire(flow: FlowReport, named: (address: string) => string): PlaceOnWire {
  const { from, owner, confidence, target } = flow
  if (owner === 'host' && confidence === 'certain')
    return { by: from, says: `on ${from} itself: its own rules forbid it` }
  const sender = icmpSender(flow)
  if (sender !== undefined) return { by: sender, says: `at ${named(sender)}, which says so by ICMP` }
  const to = target.address === undefined ? flow.to : named(target.address)
  const traced = byTrace(flow, to, named)
  if (traced !== undefined) return traced
  const hops = byReset(flow)
  if (hops !== undefined) {
    const host = hops.host === undefined ? '' : `, where ${to} is ${hops.host} away`
    const count = hops.refuser === 1 ? '1 hop' : `${hops.refuser} hops`
    return { hops, says: `${count} from ${from} by the time to live of its reset${host}` }
  }
  return { before: to, says: `somewhere between ${from} and ${to}: nothing on the wire tells where` }
}

/** Who said by ICMP why the flow's own packets go no further; undefined where several did, or nobody. */
function icmpSender({ evidence }: FlowReport): string | undefined {
  const senders = new Set(
    evidence.flatMap((seen) => {
      if (seen.role !== 'probe' && seen.role !== 'repeat') return []
      if (seen.kind === 'packet-evidence') return seen.icmp.filter(forbids).map((error) => error.from)
      return []
    }),
  )
  const [sender, ...others] = senders
  return others.length > 0 ? undefined : sender
}

/** Destination unreachable (RFC 792, RFC 4443 §3.1), which a packet that is too big is no case of. */
function forbids({
  family,
  type,
  code,
}: {
  readonly family: 4 | 6
  readonly type: number
  readonly code: number
}): boolean {
  return family === 4 ? type === 3 && code !== 4 : type === 1
}

function byTrace(
  { evidence, target }: FlowReport,
  to: string,
  named: (address: string) => string,
): PlaceOnWire | undefined {
  const traces = evidence.filter((seen): seen is PathTrace => seen.kind === 'path-trace')
  const own = traces.find((trace) => trace.port === target.port && trace.address === target.address)
  if (own === undefined || own.outcome === 'reached' || own.outcome === 'cut-short') return undefined
  const heard = own.hops.filter((hop): hop is PathHop & { readonly address: string } => hop.address !== undefined)
  const refuser = heard.find(({ says }) => says !== undefined)
  if (refuser !== undefined) return { by: refuser.address, says: `at ${named(refuser.address)}, which says so by ICMP` }
  const last = heard.at(-1)
  if (last === undefined) return undefined
  const beyond = traces
    .filter((trace) => trace !== own && trace.address === own.address)
    .flatMap(({ hops }) => hops.find(({ ttl, address }) => ttl > last.ttl && address !== undefined)?.address ?? [])
  const [next] = beyond
  const before = next === undefined ? to : named(next)
  const how = next === undefined ? '' : ', where packets for another port go on'
  return {
    after: { address: last.address, hop: last.ttl },
    before,
    says: `between ${named(last.address)} (hop ${last.ttl}, the last that is heard) and ${before}${how}; that hop may do it itself`,
  }
}

function byReset({ evidence }: FlowReport): PlaceOnWire['hops'] | undefined {
  const packets = evidence.filter((seen) => seen.kind === 'packet-evidence')
  const resets = packets.flatMap(({ role, rst }) => (role === 'probe' && rst !== undefined ? [hopsOf(rst.ttl)] : []))
  const [refuser] = resets
  if (refuser === undefined || resets.some((hops) => hops !== refuser)) return undefined
  const answers = packets.flatMap(({ synAck }) => (synAck === undefined ? [] : [hopsOf(synAck.ttl)]))
  return { refuser, ...(answers.length > 0 && { host: Math.min(...answers) }) }
}
