import type { HttpExchange, NameLookup, TcpConnect, TlsHandshake } from '../model/observation.ts'
import { outside, resolverOf } from './resolverAnswers.ts'
import type { Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import { duration, listed } from './wording.ts'

/** Judged last: the flow works, and most of its time goes by before the first packet is sent to it. */
export const slowNameRules: readonly Rule[] = [
  {
    cause: 'resolver-slow',
    match: (seen) => {
      const { stop, lookups, connects, handshakes, exchanges } = seen
      // Of a conversation that was cut short the rest is not known.
      if (stop !== undefined || seen.unfinished !== undefined) return undefined
      const waited = [...lookups.worked, ...lookups.failed].filter(({ transport }) => transport !== 'tcp')
      const slowest = waited.reduce<NameLookup | undefined>(
        (a, b) => (a !== undefined && a.ms >= b.ms ? a : b),
        undefined,
      )
      const connect = connects.worked[0]
      if (slowest === undefined || slowest.ms < slowMs || connect === undefined) return undefined
      const restMs = connect.ms + (handshakes.worked[0]?.ms ?? 0) + (exchanges.worked[0]?.firstByteMs ?? 0)
      const silent = slowest.outcome === 'timeout'
      // A process that is late finds an answer of the resolver late as well, and the two are held against each other as
      // they are. Silence it does not make: that is held against what the path took, without what it was late.
      const lateMs = silent ? ownLagOf(connect, handshakes.worked[0], exchanges.worked[0]) : 0
      if (slowest.ms <= 3 * (restMs - lateMs)) return undefined
      const others = [...outside(seen), ...seen.otherLookups.filter(({ resolver }) => resolver === slowest.resolver)]
      if (others.some(({ ms, resolver }) => resolver === slowest.resolver && ms < slowMs)) return undefined
      const sure = others.some(({ outcome, ms }) => outcome === 'answer' && (ms < slowMs / 3 || ms >= slowMs))
      const given = listed([...new Set(lookups.worked.map(resolverOf))])
      const rest = `connection, TLS and first byte together took ${duration(restMs)}`
      return {
        // Silence is no direct answer, whatever else was asked there.
        confidence: !silent && (sure || waited.filter(({ ms }) => ms >= slowMs).length > 1) ? 'certain' : 'likely',
        says: silent
          ? `${resolverOf(slowest)} was asked for the name first and did not answer within ${duration(slowest.ms)}; ${given} gave it, and ${rest}`
          : `the name took ${duration(slowest.ms)} at ${resolverOf(slowest)}; ${rest}`,
        fix: silent
          ? `start the DNS service on ${slowest.resolver}, allow udp and tcp 53 to it, or take it out of the list of resolvers`
          : 'take dead forwarders out of the resolver, or name a nearer one first',
        alternatives: [],
        nextProbe: silent
          ? `postern check dns://${slowest.resolver}`
          : 'ask the resolver for the same name twice: a quick second answer means that its forwarder is slow',
        decidedBy: idsOf([slowest], connects.worked, handshakes.worked, exchanges.worked),
      }
    },
  },
]

/** For how long of what was measured this process did not look; of an exchange no more than there is to the first octet. */
function ownLagOf(connect: TcpConnect, shaken: TlsHandshake | undefined, asked: HttpExchange | undefined): number {
  return (
    Math.min(connect.ms, connect.ownLagMs ?? 0) +
    Math.min(shaken?.ms ?? 0, shaken?.ownLagMs ?? 0) +
    Math.min(asked?.firstByteMs ?? 0, asked?.ownLagMs ?? 0)
  )
}

/** A look-up that takes longer holds up every connection: resolvers answer in tens of milliseconds. */
const slowMs = 1000
