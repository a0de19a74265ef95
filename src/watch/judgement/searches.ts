/** One costly search that waits. */
export interface Search {
  readonly kind: 'level' | 'period' | 'node' | 'place'
  /** Its series or place; one of each kind waits once. */
  readonly key: string
  /** The higher, the sooner. */
  readonly score: number
  /** Reads the history, and says what is so. */
  readonly run: () => void
}

/** Costly searches that wait for their turn, worst first; each no more often than its kind allows. */
export class Searches {
  readonly #waiting = new Map<string, Search>()
  readonly #lastAt = new Map<string, number>()
  readonly #everyMs: Readonly<Record<Search['kind'], number>>

  constructor(everyMs: Readonly<Record<Search['kind'], number>>) {
    this.#everyMs = everyMs
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** @returns whether it waits now: false where it was searched not long ago */
  add(search: Search, now: number): boolean {
    const id = idOf(search)
    const lastAt = this.#lastAt.get(id)
    if (lastAt !== undefined && now >= lastAt && now - lastAt < this.#everyMs[search.kind]) return false
    const before = this.#waiting.get(id)
    if (before === undefined || before.score < search.score) this.#waiting.set(id, search)
    return true
  }

  isWaiting(search: Pick<Search, 'kind' | 'key'>): boolean {
    return this.#waiting.has(idOf(search))
  }

  /** The worst of those that wait. */
  take(now: number): Search | undefined {
    let worst: Search | undefined
    for (const search of this.#waiting.values()) if (worst === undefined || search.score > worst.score) worst = search
    if (worst === undefined) return undefined
    this.#waiting.delete(idOf(worst))
    this.#lastAt.set(idOf(worst), now)
    return worst
  }

  keepOnly(isKept: (key: string) => boolean): void {
    for (const [id, { key }] of this.#waiting) if (!isKept(key)) this.#waiting.delete(id)
    for (const id of this.#lastAt.keys()) if (!isKept(id.slice(id.indexOf(' ') + 1))) this.#lastAt.delete(id)
  }
}

function idOf({ kind, key }: Pick<Search, 'kind' | 'key'>): string {
  return `${kind} ${key}`
}
