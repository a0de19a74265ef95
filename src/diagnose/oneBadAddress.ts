import type { CauseCode } from '../model/cause.ts'
import type { TcpConnect } from '../model/observation.ts'
import { ofKind } from './observations.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import { hostPort, listed, placeOf } from './wording.ts'

/**
 * The resolver gives several addresses for the name, one of them fails each time and another one works: the failure
 * sticks to an address, and clients that try the next one get through.
 */
export const oneBadAddress: Rule = {
  cause: 'one-bad-node',
  match: ({ stop, flow, address, lookups, observations }) => {
    if (stop?.phase !== 'connect' || address === undefined || flow.target.address === undefined) return undefined
    const { port } = flow.target
    const given = new Set(lookups.worked.flatMap(({ answers }) => answers))
    const isIpv6 = address.includes(':')
    const working = ofKind(observations, 'tcp-connect').filter(
      (one) =>
        one.outcome === 'connected' &&
        one.port === port &&
        one.address !== address &&
        one.address.includes(':') === isIpv6 &&
        given.has(one.address),
    )
    const rows = stop.failed.flatMap(({ outcome }) => comparisons[outcome] ?? [])
    if (working.length === 0 || rows.length < stop.failed.length) return undefined
    const others = listed(working.map((one) => hostPort(one.address, port)))
    return {
      confidence: 'likely',
      says: `${placeOf(flow)} fails at ${hostPort(address, port)} (${listed(rows.map(({ word }) => word))}), and ${others} under the same name works`,
      fix: `mend ${address}, or take it out of the records of ${flow.target.name ?? flow.to}; a rule that lets the others pass has to name it too`,
      alternatives: [...new Set(rows.flatMap(({ alternatives }) => alternatives))],
      nextProbe: `postern check tcp://${hostPort(address, port)}`,
      decidedBy: idsOf(lookups.worked, stop.failed, working),
    }
  },
}

interface Comparison {
  readonly word: string
  /** What a filter or a route that concerns this address alone would look like. */
  readonly alternatives: readonly CauseCode[]
}

/** How one address fails, as far as that says anything about it: a limit of this machine does not. */
const comparisons: Readonly<Partial<Record<TcpConnect['outcome'], Comparison>>> = {
  refused: { word: 'refused', alternatives: ['refused-by-host', 'refused-by-firewall'] },
  reset: { word: 'reset', alternatives: ['refused-by-host', 'refused-by-firewall'] },
  timeout: { word: 'silence', alternatives: ['filtered-silently', 'no-route'] },
  'host-unreachable': { word: 'host unreachable', alternatives: ['no-route', 'admin-prohibited'] },
  'net-unreachable': { word: 'network unreachable', alternatives: ['no-route', 'admin-prohibited'] },
}
