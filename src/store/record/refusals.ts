import type { GateEvent } from '../../model/event.ts'
import { networkOf } from '../../model/networkOf.ts'

const minuteMs = 60_000
/** Pairs of address and reason that are counted apart; above that by reason alone. */
const mostPairs = 4096
/** The same of connections that were taken: of people, who come from many addresses. */
const mostTakenPairs = 16_384

interface Counted {
  readonly sinceMs: number
  readonly first: GateEvent
  told: number
  counted: number
}

/**
 * Tells connections, and requests that were refused unread or for their number, one by one up to a rate, and counts the rest,
 * so that a flood of them neither fills the disk nor hides what happens beside it. IPv6 addresses of one /64 are one. All
 * other requests are bounded by the rates of the gate itself.
 */
export class Refusals {
  readonly #mostPerMinute: number
  readonly #pairs = new Map<string, Counted>()
  /** Apart, so that the many who come leave those who are refused their room. */
  readonly #taken = new Map<string, Counted>()

  constructor(mostPerMinute: number) {
    this.#mostPerMinute = mostPerMinute
  }

  /** Pairs that are being counted. */
  get size(): number {
    return this.#pairs.size + this.#taken.size
  }

  /**
   * What is to be written of an event that comes now: itself, or nothing, when it was counted.
   *
   * @param nowMs by a clock that is never set back
   */
  take(event: GateEvent, nowMs: number): readonly GateEvent[] {
    if (!isBounded(event)) return [event]
    const [pairs, most] = event.outcome === 'ok' ? [this.#taken, mostTakenPairs] : [this.#pairs, mostPairs]
    const { key, sample } = keyOf(event, pairs, most)
    const known = pairs.get(key)
    const ended = known !== undefined && nowMs - known.sinceMs >= minuteMs ? end(pairs, key, known) : []
    const counting = pairs.get(key) ?? { sinceMs: nowMs, first: sample, told: 0, counted: 0 }
    pairs.set(key, counting)
    if (counting.told < this.#mostPerMinute) {
      counting.told += 1
      return [...ended, event]
    }
    counting.counted += event.count ?? 1
    return ended
  }

  /** What was counted in minutes that are over; all of it where `nowMs` is infinite. */
  sweep(nowMs: number): readonly GateEvent[] {
    return [this.#pairs, this.#taken].flatMap((pairs) =>
      [...pairs].flatMap(([key, counted]) => (nowMs - counted.sinceMs >= minuteMs ? end(pairs, key, counted) : [])),
    )
  }
}

type Pairs = Map<string, Counted>

function end(pairs: Pairs, key: string, { first, counted }: Counted): readonly GateEvent[] {
  pairs.delete(key)
  return counted === 0 ? [] : [counted === 1 ? first : { ...first, count: counted }]
}

function keyOf(event: GateEvent, pairs: Pairs, most: number): { readonly key: string; readonly sample: GateEvent } {
  const { reason, activity, outcome, kind, src, dst, actor } = event
  const common = { kind, activity, outcome, reason, ...(dst !== undefined && { dst }) }
  const alike = { ...common, ...(actor !== undefined && { actor }) }
  const network = src === undefined ? '' : networkOf(src.address)
  const key = `${reason} ${activity} ${network} ${actor === undefined ? '' : `${actor.tenantId} ${actor.objectId}`}`
  if (!pairs.has(key) && pairs.size >= most) {
    return { key: `${reason} ${activity} *`, sample: { ...common, detail: { addresses: 'many' } } }
  }
  if (src === undefined) return { key, sample: alike }
  const address = { address: src.address }
  return { key, sample: { ...alike, src: address, ...(network !== src.address && { detail: { network } }) } }
}

/** What no rate of the gate bounds: it comes before any, or is what a rate comes to. */
function isBounded({ kind, outcome, http }: GateEvent): boolean {
  if (kind === 'network_activity') return true
  return outcome !== 'ok' && kind === 'http_activity' && (http === undefined || http.status === 429)
}
