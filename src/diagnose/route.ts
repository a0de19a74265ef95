import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import { captureAt, listed, placeOf } from './wording.ts'

/** Causes that lie in routing. Another port of the host that answers excludes them all. */
export const routeRules: readonly Rule[] = [
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
      const nextProbe = `traceroute -T -p ${flow.target.port ?? 443} ${address ?? flow.to}`
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
        const known = answering.length > 0 && (net || sameHostSilent.length > 0)
        return {
          confidence: known ? 'likely' : 'possible',
          says: `no way to ${place}: the ${net ? 'network' : 'host'} is called unreachable${answering.length > 0 ? `, and ${others}` : ''}`,
          fix,
          alternatives: ['admin-prohibited', 'split-tunnel-excludes'],
          nextProbe,
          decidedBy,
        }
      }
      if (sameHostSilent.length === 0 || answering.length === 0) return undefined
      return {
        confidence: 'possible',
        says: `${place} is silent, and so is ${listed(sameHostSilent.map(({ what }) => what))} of the same host; ${others}`,
        fix,
        alternatives: ['filtered-silently'],
        nextProbe: `${nextProbe}; ${captureAt(address, flow.target)}`,
        decidedBy,
      }
    },
  },
]
