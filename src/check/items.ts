import { canonicalAddress } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import type { Observation } from '../model/observation.ts'
import type { Scheme } from '../model/service.ts'
import type { Site } from '../model/site.ts'
import { servedAt } from '../plan/servedAt.ts'
import type { Question } from '../probes/probe.ts'
import { isAsked } from './isAsked.ts'
import type { ProxyPlace } from './otherProxies.ts'
import { otherProxies } from './otherProxies.ts'
import type { Directory } from './questionOf.ts'
import { questionOf } from './questionOf.ts'
import type { Family, Resolved } from './resolveNames.ts'
import type { Sayings } from './sayings.ts'

/** Where a proxy listens, with the look-ups that it took; without an address when its name has none. */
interface ProxyAt {
  readonly address?: string
  readonly port: number
  readonly observations: readonly Observation[]
  readonly late?: Promise<readonly Observation[]> | undefined
}

/** One flow to one address on its way through the check. */
export interface Item {
  readonly flow: Flow
  readonly names: readonly Observation[]
  /** What is still to come of its name: resolvers that are silent, where another one has given it. */
  readonly lateNames?: Promise<readonly Observation[]>
  /** Absent when nothing can be asked: the reason is in `limits`. */
  readonly question?: Question
  readonly limits: readonly Observation[]
  readonly otherAddresses: readonly string[]
  /** The same question at other addresses of the name, where every one of them is asked. */
  readonly beside: readonly Question[]
}

/** What flows are turned into questions with. */
export interface ItemTools {
  /** By the names that flows go through them by, and those that a failing flow may be compared with. */
  readonly proxies: Readonly<Record<string, ProxyPlace>>
  /** `names:` of the site file. */
  readonly mapped: Readonly<Record<string, string>>
  readonly directory: Directory
  /** `apps:` of the site file. */
  readonly apps: Site['apps']
  /** The schemes that have a probe, with the transports each can be asked over. */
  readonly known: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]>
  /** Every address of a name is asked, and not the first of each family alone. */
  readonly everyAddress: boolean
  readonly sayings: Sayings
  /** Resolves a name once, whoever asks for it. */
  resolve(name: string): Promise<Resolved>
}

/** Of a name with more addresses in a family these are asked, where every one is to be. */
export const mostAddresses = 16

/** Turns flows into what can be asked of an address, straight or through a proxy. */
export class Items {
  readonly #tools: ItemTools

  constructor(tools: ItemTools) {
    this.#tools = tools
  }

  /** One item an address: what cannot be asked, and why, is an item as well. */
  async of(flow: Flow): Promise<readonly Item[]> {
    const { target, via } = flow
    const nothing = { flow, names: [], limits: [], otherAddresses: [], beside: [] }
    if (target.undialled !== undefined || !isAsked(flow)) return [nothing]
    if (via !== undefined) return [await this.#through(flow, via)]
    if (target.address !== undefined) return [this.#at(flow, target.address, [], [])]
    if (target.name === undefined) return [nothing]
    const { sayings } = this.#tools
    const { addresses, undiallable, observations, late } = await this.#tools.resolve(target.name)
    const lateNames = late !== undefined && { lateNames: late }
    const items = (['ipv4', 'ipv6'] as const satisfies readonly Family[]).flatMap((family) => {
      const asked = addresses[family].slice(0, this.#tools.everyAddress ? mostAddresses : 1)
      return asked.map((address) => {
        const others = addresses[family].filter((other) => other !== address)
        return { ...this.#at(flow, address, observations, others), ...lateNames }
      })
    })
    if (items.length > 0) {
      return this.#tools.everyAddress ? items.map((item) => ({ ...item, beside: othersOf(item, items) })) : items
    }
    const unresolved = { ...nothing, names: observations, ...lateNames }
    if (undiallable.length === 0) return [{ ...unresolved, limits: sayings.endedBefore(observations) }]
    const lacks = undiallable[0]?.includes(':') === true ? 'IPv6' : 'IPv4'
    const detail = `this machine has no ${lacks}, and ${target.name} has no other address (${undiallable.join(', ')})`
    return [{ ...unresolved, limits: sayings.limited(lacks === 'IPv6' ? 'no-ipv6' : 'no-ipv4', detail) }]
  }

  /**
   * The same question by another way out: straight, of what goes through a proxy; through the site's proxies, of what
   * goes out straight.
   */
  async otherWays(flow: Flow): Promise<readonly Question[]> {
    const { target, via } = flow
    const { proxies, mapped } = this.#tools
    if (target.name === undefined || flow.direction !== 'outbound-internet') return []
    if (via !== undefined) {
      const straight = { ...flow, target: servedAt(mapped, target) }
      const found = straight.target.address ?? (await this.#anAddress(target.name))
      return found === undefined ? [] : this.#questions(straight, found)
    }
    const ways = await Promise.all(
      otherProxies(target, proxies).map(async (proxy) => {
        const { address, port } = await this.#proxyAt(proxy)
        const planned = { ...flow, target: { ...target, port: target.plannedPort ?? target.port } }
        return address === undefined ? [] : this.#questions(planned, address, { proxy, port })
      }),
    )
    return ways.flat()
  }

  /** What goes through a proxy is asked for there by its name: only the proxy's own name is resolved here. */
  async #through(flow: Flow, via: string): Promise<Item> {
    const { sayings } = this.#tools
    const { address, port, observations, late } = await this.#proxyAt(via)
    const lateNames = late !== undefined && { lateNames: late }
    const item = { flow, names: observations, ...lateNames, otherAddresses: [], beside: [] }
    if (address === undefined) return { ...item, limits: sayings.endedBefore(observations) }
    const question = this.#question(flow, address, { proxy: via, port })
    if (!('limit' in question)) return { ...item, question, limits: [] }
    return { ...item, limits: sayings.limited(question.limit, question.detail) }
  }

  #at(flow: Flow, address: string, names: readonly Observation[], otherAddresses: readonly string[]): Item {
    const at = { ...flow, target: { ...flow.target, address } }
    const question = this.#question(at, address)
    const item = { flow: at, names, otherAddresses, beside: [] }
    if (!('limit' in question)) return { ...item, question, limits: [] }
    return { ...item, limits: this.#tools.sayings.limited(question.limit, question.detail) }
  }

  /** @throws TypeError when the check was given no proxy of that name */
  async #proxyAt(name: string): Promise<ProxyAt> {
    const place = this.#tools.proxies[name]
    if (place === undefined) throw new TypeError(`a flow goes through ${name}, and no proxy is called that`)
    const address = canonicalAddress(place.host)
    if (address !== undefined) return { address, port: place.port, observations: [] }
    const { addresses, observations, late } = await this.#tools.resolve(place.host)
    const [found] = [...addresses.ipv4, ...addresses.ipv6]
    return { ...(found !== undefined && { address: found }), port: place.port, observations, late }
  }

  #question(flow: Flow, address: string, via?: Question['via']): ReturnType<typeof questionOf> {
    const { known, directory, apps } = this.#tools
    return questionOf(flow, address, known, directory, via, apps)
  }

  #questions(flow: Flow, address: string, via?: Question['via']): readonly Question[] {
    const question = this.#question(flow, address, via)
    return 'limit' in question ? [] : [question]
  }

  async #anAddress(name: string): Promise<string | undefined> {
    const { addresses } = await this.#tools.resolve(name)
    return [...addresses.ipv4, ...addresses.ipv6][0]
  }
}

/** The questions of the other items of a flow. */
function othersOf(item: Item, items: readonly Item[]): readonly Question[] {
  return items.flatMap((other) => (other === item || other.question === undefined ? [] : [other.question]))
}
