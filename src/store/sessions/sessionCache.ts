import type { Session } from './session.ts'

export interface Cached {
  readonly id: string
  session: Session
  /** Octets that it is taken to need. */
  readonly weight: number
}

/** The sessions that were used last, bounded by number and by size. */
export class SessionCache {
  readonly #most: number
  readonly #mostOctets: number
  /** By hash of the id, the least recently used first. */
  readonly #byId = new Map<string, Cached>()
  readonly #byName = new Map<string, Cached>()
  #octets = 0

  constructor(most: number, mostOctets: number) {
    this.#most = most
    this.#mostOctets = mostOctets
  }

  get size(): number {
    return this.#byId.size
  }

  byId(id: string): Cached | undefined {
    const kept = this.#byId.get(id)
    if (kept === undefined) return undefined
    this.#byId.delete(id)
    this.#byId.set(id, kept)
    return kept
  }

  byName(name: string): Cached | undefined {
    return this.#byName.get(name)
  }

  put(cached: Cached): void {
    this.remove(cached.session.name)
    this.#byId.set(cached.id, cached)
    this.#byName.set(cached.session.name, cached)
    this.#octets += cached.weight
    for (const oldest of this.#byId.values()) {
      if (this.#byId.size <= this.#most && this.#octets <= this.#mostOctets) break
      if (oldest !== cached) this.remove(oldest.session.name)
    }
  }

  remove(name: string): void {
    const kept = this.#byName.get(name)
    if (kept === undefined) return
    this.#byName.delete(name)
    this.#byId.delete(kept.id)
    this.#octets -= kept.weight
  }

  clear(): void {
    this.#byId.clear()
    this.#byName.clear()
    this.#octets = 0
  }
}
