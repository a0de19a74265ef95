import { setTimeout as pause } from 'node:timers/promises'
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
  /** What the resolvers come to that were still silent when another one had settled the name; absent where none was. */
  readonly late?: Promise<readonly Observation[]>
}

/** What one resolver says of a name. */
interface Said {
  /** Whether it settles the name. */
  readonly answered: boolean
  readonly answers: readonly string[]
}

/**
 * When the next resolvers are asked besides a silent one: after half of its wait. But not before a second, which one that
 * has to ask others may take, and after which stub resolvers go on to the next. In milliseconds; undefined where its wait is
 * over by then.
 */
export function nextAfter(timeoutMs: number): number | undefined {
  const afterMs = Math.max(timeoutMs / 2, 1000)
  return afterMs < timeoutMs ? afterMs : undefined
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
 * passed over for the next one: both are what a stub resolver does (RFC 7766 §5, RFC 1035 §4.2.1). A silent one is heard to
 * its end all the same, while the name is used that another gave: what it says then is in `late`.
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
  const silent: Promise<unknown>[] = []
  const ask = async (family: Family): Promise<readonly string[]> => {
    const type = family === 'ipv4' ? 'A' : 'AAAA'
    const [first, ...others] = resolvers.internal
    if (first === undefined) {
      const question = { name, type, resolver: 'system', resolverRole: 'system', transport: 'udp' } as const
      const seen = await platform(() => net.lookup(question, limits))
      keep(seen)
      return seen.answers
    }
    const askOne = async (resolver: ResolverAddress, within: Limits): Promise<Said> => {
      const question = { name, type, resolver, resolverRole: 'internal' } as const
      const seen = await askOnceOrTwice((once) => net.lookup({ ...question, transport: 'udp' }, once), keep, within)
      if (seen.truncated !== true) return saidBy(seen)
      const whole = await net.lookup({ ...question, transport: 'tcp' }, within)
      keep(whole)
      return saidBy(whole)
    }
    return inTurn(askOne, first, others, limits, silent)
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
  const known = [...observations]
  const late = Promise.all(silent).then(() => observations.slice(known.length))
  return { addresses: { ipv4, ipv6 }, undiallable, observations: known, ...(silent.length > 0 && { late }) }
}

function saidBy(seen: Unfiled<NameLookup>): Said {
  return { answered: isFinal(seen), answers: seen.outcome === 'answer' ? seen.answers : [] }
}

/**
 * Asks the first resolver, and the others where it does not settle the name, or is silent for now.
 *
 * @param silent takes what is still under way when the name is settled
 */
async function inTurn(
  askOne: (resolver: ResolverAddress, within: Limits) => Promise<Said>,
  first: ResolverAddress,
  others: readonly ResolverAddress[],
  limits: Limits,
  silent: Promise<unknown>[],
): Promise<readonly string[]> {
  const asking = askOne(first, limits)
  const asked = others.length === 0 ? await asking : await unlessSilent(asking, limits)
  if (asked?.answered === true) return asked.answers
  const settled = new AbortController()
  const within = { ...limits, signal: AbortSignal.any([limits.signal, settled.signal]) }
  // The others are asked together, so that three dead resolvers cost one wait more, not three.
  const rest = Promise.all(others.map((other) => askOne(other, within))).then((all) => all.find((one) => one.answered))
  if (asked !== undefined) return (await rest)?.answers ?? []
  silent.push(asking, rest)
  const found = await Promise.race([
    asking.then((one) => (one.answered ? one : rest)),
    rest.then((one) => one ?? asking),
  ])
  // Where the first has answered after all, they are waited for no longer.
  settled.abort()
  return found?.answers ?? []
}

/** What a resolver says, or nothing as soon as it counts as silent for now. */
async function unlessSilent(asking: Promise<Said>, { timeoutMs, signal }: Limits): Promise<Said | undefined> {
  const afterMs = nextAfter(timeoutMs)
  if (afterMs === undefined) return asking
  const said = new AbortController()
  const silence = pause(afterMs, undefined, { signal: AbortSignal.any([signal, said.signal]) }).catch(() => asking)
  try {
    return await Promise.race([asking, silence])
  } finally {
    said.abort()
  }
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
