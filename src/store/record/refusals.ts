import { formatAddress, parseAddress } from '../../model/cidr.ts'
import type { GateEvent } from '../../model/event.ts'

const minuteMs = 60_000
/** Pairs of address and reason that are counted apart; above that by reason alone. */
const mostPairs = 4096

interface Counted {
  readonly sinceMs: number
  readonly first: GateEvent
  told: number
  counted: number
}

/**
 * Tells refused connections, and requests that were refused unread or for their number, one by one up to a rate, and counts
 * the rest, so that a flood of them neither fills the disk nor hides what happens beside it. IPv6 addresses of one /64 are
 * one. All other requests are bounded by the rates of the gate itself.
 */
export class Refusals {
  readonly #mostPerMinute: number
  readonly #pairs = new Map<string, Counted>()

  constructor(mostPerMinute: number) {
    this.#mostPerMinute = mostPerMinute
  }

  /** Pairs that are being counted. */
  get size(): number {
    return this.#pairs.size
  }

  /**
   * What is to be written of an event that comes now: itself, or nothing, when it was counted.
   *
   * @param nowMs by a clock that is never set back
   */
  take(event: GateEvent, nowMs: number): readonly GateEvent[] {
    if (!isRefusal(event)) return [event]
    const { key, sample } = this.#keyOf(event)
    const known = this.#pairs.get(key)
    const ended = known !== undefined && nowMs - known.sinceMs >= minuteMs ? this.#end(key, known) : []
    const counting = this.#pairs.get(key) ?? { sinceMs: nowMs, first: sample, told: 0, counted: 0 }
    this.#pairs.set(key, counting)
    if (counting.told < this.#mostPerMinute) {
      counting.told += 1
      return [...ended, event]
    }
    counting.counted += event.count ?? 1
    return ended
  }

  /** What was counted in minutes that are over; all of it where `nowMs` is infinite. */
  sweep(nowMs: number): readonly GateEvent[] {
    return [...this.#pairs].flatMap(([key, counted]) =>
      nowMs - counted.sinceMs >= minuteMs ? this.#end(key, counted) : [],
    )
  }

  #end(key: string, { first, counted }: Counted): readonly GateEvent[] {
    this.#pairs.delete(key)
    return counted === 0 ? [] : [counted === 1 ? first : { ...first, count: counted }]
  }

  #keyOf(event: GateEvent): { readonly key: string; readonly sample: GateEvent } {
    const { reason, activity, outcome, kind, src, dst, actor } = event
    const common = { kind, activity, outcome, reason, ...(dst !== undefined && { dst }) }
    const alike = { ...common, ...(actor !== undefined && { actor }) }
    const network = src === undefined ? '' : networkOf(src.address)
    const key = `${reason} ${activity} ${network} ${actor === undefined ? '' : `${actor.tenantId} ${actor.objectId}`}`
    if (!this.#pairs.has(key) && this.#pairs.size >= mostPairs) {
      return { key: `${reason} ${activity} *`, sample: { ...common, detail: { addresses: 'many' } } }
    }
    if (src === undefined) return { key, sample: alike }
    const address = { address: src.address }
    return { key, sample: { ...alike, src: address, ...(network !== src.address && { detail: { network } }) } }
  }
}

/** What no rate of the gate bounds: it is asked before any, or is what a rate comes to. */
function isRefusal({ kind, outcome, http }: GateEvent): boolean {
  if (outcome === 'ok') return false
  return kind === 'network_activity' || (kind === 'http_activity' && (http === undefined || http.status === 429))
}

function networkOf(text: string): string {
  const address = parseAddress(text)
  if (address === undefined || address.family !== 6) return text
  return `${formatAddress({ family: 6, value: (address.value >> 64n) << 64n })}/64`
}
