import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, listed, placeOf } from './wording.ts'

/** Datagrams to a host that is as silent over TCP: they fail by what fails there, and UDP has no part in it. */
export const silentHostRules: readonly Rule[] = [{ cause: 'no-route', match: silentOverBoth }]

function silentOverBoth(seen: Seen): Match | undefined {
  const { stop, flow, address, sameHostOpen, sameHostRefuses, sameHostSilent, comparableAnswers } = seen
  if (stop?.phase !== 'udp' && stop?.phase !== 'dns') return undefined
  const tried: readonly { readonly id: string; readonly outcome: string }[] = stop.failed
  if (flow.target.transport !== 'udp' || tried.some(({ outcome }) => outcome !== 'timeout')) return undefined
  if (sameHostOpen.length + sameHostRefuses.length > 0 || sameHostSilent.length === 0) return undefined
  // That something else answers, of those on the same side, shows that this machine's own network is well.
  const answering = comparableAnswers.slice(0, 3)
  if (answering.length === 0) return undefined
  const silent = sameHostSilent.slice(0, 4)
  const others = answering.map(
    ({ address: host, port, outcome }) =>
      `${port} on ${host} ${outcome === 'connected' ? 'answers' : 'is refused at once'}`,
  )
  return {
    confidence: 'possible',
    says: `${placeOf(flow)} is silent, and over TCP ${listed(silent.map(({ what }) => what))} of the same host gave no answer either; ${listed(others)}`,
    fix: `add or mend the route to ${address ?? flow.to}, or bring the host up`,
    alternatives: ['filtered-silently'],
    trace: `traceroute -T -p ${silent[0]?.what ?? 443} ${address ?? flow.to}`,
    nextProbe: captureAt(address, flow.target),
    decidedBy: [...new Set([...idsOf(tried, answering), ...silent.map(({ id }) => id)])],
  }
}
