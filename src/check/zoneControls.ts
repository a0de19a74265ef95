import { isInOwnZone } from '../diagnose/names.ts'
import { hostPort } from '../model/hostPort.ts'
import type { Observation } from '../model/observation.ts'
import type { Limits } from '../net/net.ts'
import type { Means } from './askControls.ts'
import type { FailedLookup } from './controlNames.ts'
import type { Directory } from './questionOf.ts'
import type { ResolverAddress } from './resolveNames.ts'

/**
 * What a resolver of the site says of the site's own zone, where it failed at a name outside: one that serves the zone and
 * does not get out answers this and nothing else. Each resolver is asked once, however many names fail.
 */
export class ZoneControls {
  readonly #internal: readonly ResolverAddress[]
  readonly #directory: Directory
  readonly #means: Means
  readonly #made = new Map<string, Promise<readonly Observation[]>>()

  constructor(internal: readonly ResolverAddress[], directory: Directory, means: Means) {
    this.#internal = internal
    this.#directory = directory
    this.#means = means
  }

  /**
   * @param failed the look-ups of one name that gave nothing
   * @param limits of the first asking of a resolver
   */
  async beside(failed: readonly FailedLookup[], limits: Limits): Promise<readonly Observation[]> {
    const { domain } = this.#directory
    if (domain === undefined) return []
    const failing = new Set(failed.filter((one) => this.#mayBeForwarded(one)).map(({ resolver }) => resolver))
    const asked = this.#internal.filter(({ address, port }) => failing.has(hostPort(address, port)))
    return (await Promise.all(asked.map((resolver) => this.#of(resolver, domain, limits)))).flat()
  }

  #mayBeForwarded({ name, outcome, resolverRole }: FailedLookup): boolean {
    const hasFailed = outcome === 'server-failure' || outcome === 'timeout'
    return hasFailed && resolverRole === 'internal' && !isInOwnZone(name, this.#directory)
  }

  #of(resolver: ResolverAddress, domain: string, limits: Limits): Promise<readonly Observation[]> {
    const key = hostPort(resolver.address, resolver.port)
    const made = this.#made.get(key) ?? this.#ask(resolver, domain, limits)
    this.#made.set(key, made)
    return made
  }

  async #ask(resolver: ResolverAddress, domain: string, limits: Limits): Promise<readonly Observation[]> {
    const { net, ledger, slot } = this.#means
    const into: Observation[] = []
    const keep = ledger.page(into, 'control', 'name')
    const question = { name: domain, type: 'SOA', resolver, resolverRole: 'internal', transport: 'udp' } as const
    await slot(keep, async () => {
      keep(await net.lookup(question, limits))
    })
    return into
  }
}
