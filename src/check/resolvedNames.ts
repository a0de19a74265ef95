import type { LimitFunction } from 'p-limit'
import pLimit from 'p-limit'
import type { Observation } from '../model/observation.ts'
import type { Limits, Net } from '../net/net.ts'
import type { Ledger } from './ledger.ts'
import type { Family, Resolved, Resolvers } from './resolveNames.ts'
import { nextAfter, platformLookups, resolveName } from './resolveNames.ts'
import type { Sayings } from './sayings.ts'
import { endedInSilence } from './symptomOf.ts'

/** What the names of one check are resolved with. */
export interface NameTools {
  readonly families: readonly Family[]
  readonly resolvers: Resolvers
  readonly net: Net
  readonly ledger: Ledger
  readonly limits: Limits
  readonly sayings: Sayings
  /** Bounds what is under way at once. */
  readonly queue: LimitFunction
  /** When a name counts as one that its resolver is silent about, in milliseconds; undefined: never. */
  readonly silentAfterMs?: number | undefined
}

/** The names of one check: each is resolved once, whoever asks for it. */
export class ResolvedNames {
  readonly #tools: NameTools
  readonly #platform = pLimit(platformLookups)
  readonly #resolved = new Map<string, Promise<Resolved>>()
  readonly #hearing = new Map<string, (() => () => void)[]>()

  constructor(tools: NameTools) {
    this.#tools = tools
  }

  of(name: string): Promise<Resolved> {
    const made = this.#resolved.get(name) ?? this.#tools.queue(() => this.#resolve(name))
    this.#resolved.set(name, made)
    return made
  }

  /**
   * Calls `act` where every resolver of the site stays silent about a name, while it is still waited for, and what that
   * returns where an answer comes after all.
   */
  whenSilent(name: string, act: () => () => void): void {
    if (this.#tools.resolvers.internal.length === 0) return
    this.#hearing.set(name, [...(this.#hearing.get(name) ?? []), act])
  }

  /** Every look-up that was made, once all of them have ended. */
  async lookups(): Promise<readonly Observation[]> {
    const all = await Promise.all(this.#resolved.values())
    return (
      await Promise.all(all.map(async ({ observations, late }) => [...observations, ...((await late) ?? [])]))
    ).flat()
  }

  async #resolve(name: string): Promise<Resolved> {
    const { families, resolvers, net, ledger, limits, sayings } = this.#tools
    const none: Resolved = { addresses: { ipv4: [], ipv6: [] }, undiallable: [], observations: [] }
    if (limits.signal.aborted) return none
    const observations: Observation[] = []
    const told = (error: unknown): readonly Observation[] => {
      ledger.page(observations, 'probe')(sayings.fault('look-up', error))
      return observations
    }
    const ask = resolveName(name, families, resolvers, net, ledger, limits, (platform) => this.#platform(platform))
    this.#hear(name, ask)
    return ask.then(
      (resolved) => (resolved.late === undefined ? resolved : { ...resolved, late: resolved.late.catch(told) }),
      (error: unknown) => ({ ...none, observations: told(error) }),
    )
  }

  #hear(name: string, ask: Promise<Resolved>): void {
    const acts = this.#hearing.get(name)
    const { silentAfterMs, resolvers, limits } = this.#tools
    if (acts === undefined || silentAfterMs === undefined) return
    // The others are asked when the first has been silent for a while, and get as long.
    const laterMs = resolvers.internal.length > 1 ? (nextAfter(limits.timeoutMs) ?? limits.timeoutMs) : 0
    let stops: readonly (() => void)[] = []
    const timer = setTimeout(() => {
      stops = acts.map((act) => act())
    }, laterMs + silentAfterMs)
    const end = (isHeard: boolean): void => {
      clearTimeout(timer)
      if (isHeard) for (const stop of stops) stop()
    }
    ask.then(
      ({ observations }) => end(!endedInSilence(observations)),
      () => end(true),
    )
  }
}
