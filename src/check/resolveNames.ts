import type { Observation } from '../model/observation.ts'
import type { Limits, Net } from '../net/net.ts'
import type { Ledger } from './ledger.ts'

export interface ResolverAddress {
  readonly address: string
  readonly port: number
}

export interface Resolvers {
  /** The site's own, asked in this order; empty: the platform's resolution is asked. */
  readonly internal: readonly ResolverAddress[]
  /** Resolvers outside the site, asked only to judge the internal ones. */
  readonly control: readonly ResolverAddress[]
}

export type Family = 'ipv4' | 'ipv6'

/** What came of one name: addresses by family in the order given, and every look-up that was made. */
export interface Resolved {
  readonly addresses: Readonly<Record<Family, readonly string[]>>
  readonly observations: readonly Observation[]
}

/**
 * Resolves a name as this machine's services would: by the site's internal resolvers, or by the platform when the site
 * names none. A UDP answer that was cut short is asked for again over TCP, and a resolver that did not answer is
 * passed over for the next one: both are what a stub resolver does (RFC 7766 §5, RFC 1035 §4.2.1).
 *
 * @param families only these are asked for: an address that this machine cannot dial proves nothing
 */
export async function resolveName(
  name: string,
  families: readonly Family[],
  resolvers: Resolvers,
  net: Net,
  ledger: Ledger,
  limits: Limits,
): Promise<Resolved> {
  const observations: Observation[] = []
  const keep = ledger.page(observations, 'probe')
  const ask = async (family: Family): Promise<readonly string[]> => {
    const type = family === 'ipv4' ? 'A' : 'AAAA'
    const [first, ...others] = resolvers.internal
    if (first === undefined) {
      const seen = await net.lookup(
        { name, type, resolver: 'system', resolverRole: 'system', transport: 'udp' },
        limits,
      )
      keep(seen)
      return seen.answers
    }
    const askOne = async (resolver: ResolverAddress): Promise<{ answered: boolean; answers: readonly string[] }> => {
      const question = { name, type, resolver, resolverRole: 'internal' } as const
      const seen = await net.lookup({ ...question, transport: 'udp' }, limits)
      keep(seen)
      if (seen.truncated !== true) {
        return { answered: isFinal(seen), answers: seen.outcome === 'answer' ? seen.answers : [] }
      }
      const whole = await net.lookup({ ...question, transport: 'tcp' }, limits)
      keep(whole)
      return { answered: isFinal(whole), answers: whole.outcome === 'answer' ? whole.answers : [] }
    }
    const asked = await askOne(first)
    if (asked.answered) return asked.answers
    // The first is silent: the others are asked together, so that three dead resolvers cost one wait more, not three.
    const rest = await Promise.all(others.map(askOne))
    return rest.find(({ answered }) => answered)?.answers ?? []
  }
  const [ipv4, ipv6] = await Promise.all([
    families.includes('ipv4') ? ask('ipv4') : [],
    families.includes('ipv6') ? ask('ipv6') : [],
  ])
  return { addresses: { ipv4, ipv6 }, observations }
}

/** An answer that settles the name: it exists or it does not. A server that fails or refuses is passed over (RFC 1035 §7.2). */
function isFinal({ rcode }: { readonly rcode?: number }): boolean {
  return rcode === 0 || rcode === 3
}
