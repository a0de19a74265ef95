import type { NameLookup, Observation, Unfiled } from '../model/observation.ts'
import type { Limits, Net } from '../net/net.ts'
import { askTwice, isHeard } from '../probes/askTwice.ts'
import type { Keep } from '../probes/probe.ts'
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
  /** Where no resolver is, to see whether something on the way answers for everybody; absent: not asked. */
  readonly nowhere?: ResolverAddress
}

export type Family = 'ipv4' | 'ipv6'

/** What came of one name: addresses by family in the order given, and every look-up that was made. */
export interface Resolved {
  readonly addresses: Readonly<Record<Family, readonly string[]>>
  /** The addresses of a name that has none of the families that this machine can dial. */
  readonly undiallable: readonly string[]
  readonly observations: readonly Observation[]
}

/**
 * Waits for a place among the platform's own look-ups. They run on a handful of threads: one that queues there would
 * count its turn as the resolver's slowness.
 */
export type Platform = <T>(ask: () => Promise<T>) => Promise<T>

/** As many look-ups as the platform works on at once (libuv's thread pool has four threads by default). */
export const platformLookups = 4

/**
 * Resolves a name as this machine's services would: by the site's internal resolvers, or by the platform when the site
 * names none. A UDP answer that was cut short is asked for again over TCP, and a resolver that did not answer is
 * passed over for the next one: both are what a stub resolver does (RFC 7766 §5, RFC 1035 §4.2.1).
 *
 * @param families only these are asked for: an address that this machine cannot dial proves nothing, except of a name
 *   that exists and has none of these, which may have others
 */
export async function resolveName(
  name: string,
  families: readonly Family[],
  resolvers: Resolvers,
  net: Net,
  ledger: Ledger,
  limits: Limits,
  platform: Platform,
): Promise<Resolved> {
  const observations: Observation[] = []
  const keep = ledger.page(observations, 'probe')
  const ask = async (family: Family): Promise<readonly string[]> => {
    const type = family === 'ipv4' ? 'A' : 'AAAA'
    const [first, ...others] = resolvers.internal
    if (first === undefined) {
      const question = { name, type, resolver: 'system', resolverRole: 'system', transport: 'udp' } as const
      const seen = await platform(() => net.lookup(question, limits))
      keep(seen)
      return seen.answers
    }
    const askOne = async (resolver: ResolverAddress): Promise<{ answered: boolean; answers: readonly string[] }> => {
      const question = { name, type, resolver, resolverRole: 'internal' } as const
      const seen = await askOnceOrTwice((within) => net.lookup({ ...question, transport: 'udp' }, within), keep, limits)
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
  // A name that exists and has no address of the families that were asked for may have one of the other.
  const exists = observations.some((seen) => seen.kind === 'name-lookup' && seen.outcome === 'no-data')
  const other = (['ipv4', 'ipv6'] as const).find((family) => !families.includes(family))
  const undiallable =
    ipv4.length + ipv6.length === 0 && exists && families.length === 1 && other !== undefined ? await ask(other) : []
  return { addresses: { ipv4, ipv6 }, undiallable, observations }
}

/** An answer that settles the name: it exists or it does not. A server that fails or refuses is passed over (RFC 1035 §7.2). */
function isFinal({ rcode }: { readonly rcode?: number }): boolean {
  return rcode === 0 || rcode === 3
}

/** The answer counts, or the first silence: one look-up is kept, however often it was sent. */
async function askOnceOrTwice(
  ask: (within: Limits) => Promise<Unfiled<NameLookup>>,
  keep: Keep,
  limits: Limits,
): Promise<Unfiled<NameLookup>> {
  const { first, again } = await askTwice(ask, limits)
  const seen = again !== undefined && isHeard(again) ? again : first
  keep(seen)
  return seen
}
