import { hostPort } from '../model/hostPort.ts'
import type { TcpConnect } from '../model/observation.ts'
import { isOwnRule } from './platformWords.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { captureAt, listed, placeOf, verbOf } from './wording.ts'

/** Causes that lie in routing. Another port of the host that answers excludes them all. */
export const routeRules: readonly Rule[] = [
  { cause: 'split-tunnel-excludes', match: splitTunnelExcludes },
  {
    cause: 'no-route',
    match: (seen) => {
      const { stop, flow, sameHostOpen, sameHostRefuses, sameHostSilent, comparableAnswers, address } = seen
      if (stop?.phase !== 'connect' || sameHostOpen.length + sameHostRefuses.length > 0) return undefined
      const { failed } = stop
      // One that is refused is heard all the same: by whom, a refusal does not tell, but packets come back.
      const answering = comparableAnswers.slice(0, 3)
      const others = listed(
        answering.map(
          ({ address: host, port, outcome }) =>
            `${port} on ${host} ${outcome === 'connected' ? 'answers' : 'is refused at once'}`,
        ),
      )
      const fix = `add or mend the route to ${address ?? flow.to}, or bring the host up`
      const trace = `traceroute -T -p ${flow.target.port ?? 443} ${address ?? flow.to}`
      const unreachable = failed.filter(
        ({ outcome }) =>
          outcome === 'host-unreachable' || outcome === 'net-unreachable' || outcome === 'no-local-network',
      )
      const net = unreachable.some(({ outcome }) => outcome !== 'host-unreachable')
      const decidedBy = [...new Set([...idsOf(failed, answering), ...sameHostSilent.map(({ id }) => id)])]
      const place = placeOf(flow)

      const quiet = failed.filter(({ outcome }) => outcome === 'timeout')
      // Something that answered at another time contradicts the word: then no route is the least of it.
      if (unreachable.length + quiet.length < failed.length) return undefined
      if (unreachable.length > 0) {
        // One code has three causes (unreachable, prohibited, time to live): alone it accuses nobody.
        if (answering.length === 0 && !net) return undefined
        return {
          // Who forbids a whole host by ICMP says what a router without a way to it says (EHOSTUNREACH for both).
          confidence: answering.length > 0 && net ? 'likely' : 'possible',
          says: `no way to ${place}: the ${net ? 'network' : 'host'} is called unreachable${answering.length > 0 ? `, and ${others}` : ''}`,
          fix,
          alternatives: ['admin-prohibited', 'split-tunnel-excludes'],
          trace,
          decidedBy,
        }
      }
      if (sameHostSilent.length === 0 || answering.length === 0) return undefined
      const silent = sameHostSilent.map(({ what }) => what)
      return {
        confidence: 'possible',
        says: `${place} is silent, and so ${verbOf(silent, 'is', 'are')} ${listed(silent)} of the same host; ${others}`,
        fix,
        alternatives: ['filtered-silently'],
        trace,
        nextProbe: captureAt(address, flow.target),
        decidedBy,
      }
    },
  },
]

/**
 * The same connection works from another interface of this machine: its own routing, which a VPN's list of what to carry
 * is part of, takes the wrong one. Where the rest of the host is reached by the usual way, a filter there is meant instead.
 */
function splitTunnelExcludes({ stop, flow, address, kinds, otherSources, from }: Seen): Match | undefined {
  if (stop?.phase !== 'connect') return undefined
  const { failed } = stop
  const working = otherSources.filter(({ outcome }) => outcome === 'connected')
  const [first] = working
  const source = first?.localAddress
  if (source === undefined || failed.some(({ outcome }) => !strandedBy.has(outcome))) return undefined
  const siblings = kinds['tcp-connect'].filter((one) => one.outcome === 'connected' && one.proxy === undefined)
  const sameHost = siblings.filter((one) => one.address === address)
  if (sameHost.some(({ localAddress }) => localAddress !== source)) return undefined
  const local = failed.every(({ code }) => isOwnRule(code, address))
  if (!local && failed.length < 2) return undefined
  // Where nothing tells which interface was chosen, it may have been the very one that works, at another time.
  const isOtherWay =
    local ||
    failed.every(({ localAddress, outcome }) => localAddress !== undefined || outcome === 'net-unreachable') ||
    otherSources.some(({ outcome }) => strandedBy.has(outcome))
  if (!isOtherWay) return undefined
  const how = listed(failed.map(({ code, outcome }) => code ?? (outcome === 'timeout' ? 'silence' : outcome)))
  const also = listed(sameHost.map(({ port }) => String(port)))
  const carried = sameHost.length > 0 ? `, the way that ${also} on the same host takes as well` : ''
  return {
    // The machine's own tables forbid it, or the rest of the host goes the way that works: else one comparison stands alone.
    confidence: local && sameHost.length > 0 ? 'certain' : sameHost.length > 0 ? 'likely' : 'possible',
    says: `${placeOf(flow)} fails on the way that this machine takes (${how}) and works from ${source}${carried}`,
    fix: `add ${hostPort(address ?? flow.to, flow.target.port)} to what the VPN or the routing policy sends by ${source}`,
    alternatives: local ? [] : ['filtered-silently', 'admin-prohibited', 'no-route'],
    nextProbe: `ip route get ${address ?? flow.to} ipproto tcp dport ${flow.target.port ?? 443}, and ip rule (Find-NetRoute on Windows)${from === source ? '' : `; compare with the way from ${source}`}`,
    decidedBy: idsOf(failed, sameHost, working),
  }
}

/** How a connection ends that was sent the wrong way; a refusal comes from somebody who was reached. */
const strandedBy: ReadonlySet<TcpConnect['outcome']> = new Set([
  'timeout',
  'host-unreachable',
  'net-unreachable',
  'admin-prohibited',
  'error',
])
