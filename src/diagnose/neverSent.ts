import { look, portsOf } from './packets.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf, needing } from './rule.ts'
import type { Seen } from './seen.ts'
import { allowRule, placeOf } from './wording.ts'

/** Silence that begins on this machine: its own filter drops what a capture then never sees leave. */
export const neverSentRules: readonly Rule[] = needing('packet-evidence', [
  { cause: 'filtered-silently', match: droppedHere },
])

function droppedHere(seen: Seen): Match | undefined {
  const looked = look(seen)
  const { stop, flow, address, from, kinds } = seen
  if (looked === undefined || stop?.phase !== 'connect') return undefined
  const { failed, packets } = looked
  const unsent = packets.filter(({ sent }) => sent === 0)
  if (unsent.length < failed.length || failed.some(({ outcome }) => outcome !== 'timeout')) return undefined
  // That SYNs to other ports of the host were seen shows that the capture would have seen these.
  const left = kinds['packet-evidence'].filter((one) => one.address === looked.address && one.sent > 0)
  if (left.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} is dropped on this machine itself: of ${failed.length > 1 ? `${failed.length} attempts` : 'the attempt'} no SYN left it, and to ${portsOf(left)} of the same host they did`,
    fix: `remove what this machine's own filter has for outgoing connections, so that it reads: ${allowRule(flow, { from, address })}`,
    alternatives: [],
    nextProbe:
      'on this machine: the counters of its own output rules (nft list ruleset, iptables -vnL OUTPUT; Get-NetFirewallRule -Direction Outbound -Action Block on Windows)',
    decidedBy: idsOf(failed, unsent, left),
    owner: 'host',
  }
}
