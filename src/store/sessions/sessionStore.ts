import { hash, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { PendingSignIns } from './pendingSignIns.ts'
import type { Sealer } from './sealer.ts'
import type { Ended, Ending, NewSession, PendingSignIn, Renewal, Session, Which } from './session.ts'
import type { Cached } from './sessionCache.ts'
import { SessionCache } from './sessionCache.ts'
import { textOfGroups, textOfIdentity, weightOf } from './sessionRows.ts'
import { SessionTable } from './sessionTable.ts'
import type { StoreFault } from './storeFault.ts'
import { faultOf } from './storeFault.ts'
import { durably, lazily } from './transactions.ts'

export interface StoreParts {
  readonly database: DatabaseSync
  readonly sealer: Sealer
  readonly pending: PendingSignIns
  readonly now: () => number
  readonly perPerson: number
  readonly mostCached: number
  readonly onFault: (fault: StoreFault) => void
}

/** What other processes ended is looked for so often: sockets that are open close within 250 ms. */
const lookMs = 100
/** Times of use are written so often, in looks. */
const flushLooks = 50
const mostCacheOctets = 128 * 1_048_576
/** Times of use that wait to be written; with more they are written at once. */
const mostUnwritten = 20_000

/** What a cookie holds: 256 bits, base64url. */
const idShape = /^[\w-]{43}$/

/** The hash by which something is kept that only a browser holds. */
const hashOf = (secret: string): string => hash('sha256', secret, 'base64url')

/**
 * Sessions of browsers and sign-ins that are under way. A session is kept by the hash of its id: whoever reads the
 * database gets into none. What is asked on the way of a request is in memory; what an answered sign-in or an ended
 * session rests on is on the disk before it is answered.
 */
export class SessionStore {
  readonly #parts: StoreParts
  readonly #table: SessionTable
  readonly #cache: SessionCache
  readonly #listeners = new Set<(ended: Ended) => void>()
  /** Times of use by hash of the id, that are not written yet. */
  readonly #used = new Map<string, number>()
  /** Ended, and the disk does not know it yet. */
  readonly #unwritten = new Map<string, Ended>()
  readonly #timer: NodeJS.Timeout
  #isShut = false
  #looks = 0

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#table = new SessionTable(parts.database, parts.sealer)
    this.#cache = new SessionCache(parts.mostCached, mostCacheOctets)
    this.#timer = setInterval(() => this.look(), lookMs)
    this.#timer.unref()
  }

  /** Sessions that are in memory. */
  get cached(): number {
    return this.#cache.size
  }

  /**
   * Begins a session, on the disk when this returns. Of a person who has too many the one used least recently ends.
   *
   * @param replaces name of the session that the browser had, which ends
   * @returns the id for the cookie, which is kept nowhere
   */
  add(
    { identity, groups, issuer, refreshToken }: NewSession,
    replaces?: string,
  ):
    | { readonly ok: true; readonly id: string; readonly session: Session }
    | { readonly ok: false; readonly fault: StoreFault } {
    const { database, now, perPerson } = this.#parts
    const secret = randomBytes(32).toString('base64url')
    const [id, name, at] = [hashOf(secret), randomBytes(8).toString('hex'), now()]
    const { tenantId, objectId } = identity
    const session = { name, identity, groups, issuer, createdAt: at, usedAt: at, validatedAt: at }
    try {
      this.#flush()
      const ended = durably(database, () => {
        const before = replaces === undefined ? [] : this.#table.remove({ name: replaces }, 'replaced', at)
        const others = this.#table.remove({ tenantId, objectId, besides: perPerson - 1 }, 'too-many', at)
        this.#table.insert(id, session, refreshToken)
        return [...before, ...others]
      })
      this.#put(id, session)
      this.#tellEnded(ended)
      return { ok: true, id: secret, session }
    } catch (error) {
      return { ok: false, fault: this.#fault(error) }
    }
  }

  /** The session of what a cookie holds. Nothing for whatever else it holds, and while the disk cannot be read. */
  find(secret: string): Session | undefined {
    const read = this.read(secret)
    return read === undefined || 'what' in read ? undefined : read
  }

  /** As {@link find}, and tells where it is not known whether there is one. */
  read(secret: string): Session | StoreFault | undefined {
    if (!idShape.test(secret)) return undefined
    if (this.#isShut) return { what: 'sessions are not read any more', right: 'start the gate again' }
    const id = hashOf(secret)
    try {
      return (this.#cache.byId(id) ?? this.#loaded('id', id))?.session
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** Why the session of what a cookie holds ended; undefined where that is not known, or some minutes ago. */
  whyEnded(secret: string): Ending | undefined {
    if (!idShape.test(secret) || this.#isShut) return undefined
    const id = hashOf(secret)
    return this.#try(() => this.#table.whyEnded(id), undefined) ?? this.#unwritten.get(id)?.why
  }

  /** The session of a name. */
  get(name: string): Session | undefined {
    return this.#named(name)?.session
  }

  /** A request came. Written soon, and not now. */
  touch({ name }: Pick<Session, 'name'>): void {
    const at = this.#parts.now()
    const cached = this.#named(name)
    if (cached === undefined || cached.session.usedAt === at) return
    cached.session = { ...cached.session, usedAt: at }
    this.#used.set(cached.id, at)
    if (this.#used.size > mostUnwritten) this.#try(() => this.#flush(), undefined)
  }

  /** Takes over what Entra ID said anew. False: there is no such session any more, or it could not be written. */
  renew(name: string, { identity, groups, refreshToken }: Renewal): boolean {
    const changed = { identity, groups, validatedAt: this.#parts.now() }
    if (refreshToken !== undefined) this.keepRefreshToken(name, refreshToken)
    return this.#change(name, changed)
  }

  /** Groups that could not be asked for when the session began, or was asked anew. False as with {@link renew}. */
  learnGroups(name: string, groups: Session['groups']): boolean {
    return this.#change(name, { groups })
  }

  /** What Entra ID is asked anew with from now on. */
  keepRefreshToken(name: string, token: string): void {
    this.#try(() => lazily(this.#parts.database, () => this.#table.setRefreshToken(name, token)), undefined)
  }

  /** What Entra ID is asked anew with; undefined where it gave none, or none that opens. */
  refreshToken(name: string): string | undefined {
    return this.#try(() => this.#table.refreshToken(name), undefined)
  }

  /**
   * Ends sessions. Nobody comes in by them from now on; listeners are told before this returns.
   *
   * @returns those that were ended, and whether that is on the disk: where it is not it is tried again, and would be
   *   forgotten if the process ended before
   */
  end(which: Which, why: Ending): { readonly ended: readonly Ended[]; readonly isKept: boolean } {
    const { database, now } = this.#parts
    const at = now()
    try {
      const ended = durably(database, () => this.#table.remove(which, why, at))
      this.#tellEnded(ended)
      return { ended, isKept: true }
    } catch (error) {
      this.#fault(error)
      const ended = this.#endUnwritten(which, why)
      this.#tellEnded(ended)
      return { ended, isKept: false }
    }
  }

  /** Ends the sessions that no request came for since a time, or that began before another. Milliseconds since 1970. */
  endOld(usedBefore: number, createdBefore: number): readonly Ended[] {
    this.#try(() => this.#flush(), undefined)
    const over = this.end({ createdBefore }, 'over').ended
    return [...over, ...this.end({ usedBefore }, 'idle').ended]
  }

  /** Sessions by the time of their last use, the latest first. */
  list({ most = 1000 }: { readonly most?: number } = {}): readonly Session[] {
    this.#try(() => this.#flush(), undefined)
    const kept = this.#try(() => this.#table.list(most), [])
    return kept.filter(({ id }) => !this.#unwritten.has(id)).map(({ session }) => session)
  }

  /** Called at once for each session that ends, also by another process within 250 ms. Returns what ends the calls. */
  onEnd(listener: (ended: Ended) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** A sign-in begins. Survives the end of the process, not that of the power. */
  begin(state: string, browser: string, pending: PendingSignIn): StoreFault | undefined {
    const { database, pending: begun } = this.#parts
    try {
      lazily(database, () => begun.begin(hashOf(state), hashOf(browser), pending))
      return undefined
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** Takes a begun sign-in away, for the browser that began it: once. A code that came back twice is good once as well. */
  take(state: string, browser: string | undefined): ReturnType<PendingSignIns['take']> | StoreFault {
    const { database, pending: begun, now } = this.#parts
    const mine = browser === undefined ? undefined : hashOf(browser)
    try {
      return lazily(database, () => begun.take(hashOf(state), mine, now()))
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** Sign-ins that a browser has begun and not ended. */
  pendingOf(browser: string): number {
    return this.#try(() => this.#parts.pending.countOf(hashOf(browser)), 0)
  }

  /** Looks for what other processes ended, and writes what waits. Called by a timer of its own. */
  look(): void {
    if (!this.#parts.database.isOpen) return
    this.#looks += 1
    if (this.#looks % flushLooks === 0) this.#try(() => this.#flush(), undefined)
    this.#tellEnded(this.#try(() => this.#table.endedElsewhere(), []))
  }

  /** Writes what waits, and lets go of the file. */
  close(): void {
    clearInterval(this.#timer)
    if (!this.#parts.database.isOpen) return
    this.#try(() => this.#flush(), undefined)
    this.#isShut = true
    this.#listeners.clear()
    this.#cache.clear()
    this.#parts.database.close()
  }

  #named(name: string): Cached | undefined {
    return this.#isShut ? undefined : (this.#cache.byName(name) ?? this.#load('name', name))
  }

  #load(key: 'id' | 'name', value: string): Cached | undefined {
    return this.#try(() => this.#loaded(key, value), undefined)
  }

  /** Throws where the disk cannot be read. */
  #loaded(key: 'id' | 'name', value: string): Cached | undefined {
    const cached = this.#table.load(key, value)
    if (cached === undefined || this.#unwritten.has(cached.id)) return undefined
    const used = this.#used.get(cached.id)
    if (used !== undefined) cached.session = { ...cached.session, usedAt: used }
    this.#cache.put(cached)
    return cached
  }

  #put(id: string, session: Session): void {
    this.#cache.put({ id, session, weight: weightOf(textOfIdentity(session.identity), textOfGroups(session.groups)) })
  }

  #change(name: string, changed: Partial<Session>): boolean {
    const cached = this.#named(name)
    if (cached === undefined) return false
    const session = { ...cached.session, ...changed }
    const { database } = this.#parts
    const isThere = this.#try(() => lazily(database, () => this.#table.update(cached.id, session)), false)
    if (isThere) this.#put(cached.id, session)
    return isThere
  }

  /** Nothing can be written: at least nobody comes in by them while this process lives. */
  #endUnwritten(which: Which, why: Ending): readonly Ended[] {
    try {
      const meant = this.#table.matching(which, why)
      for (const [id, ended] of meant) this.#unwritten.set(id, ended)
      return meant.map(([, ended]) => ended)
    } catch {
      // Who was meant cannot even be read: nobody comes in at all.
      this.#isShut = true
      return []
    }
  }

  #tellEnded(ended: readonly Ended[]): void {
    for (const one of ended) {
      const cached = this.#cache.byName(one.name)
      if (cached !== undefined) this.#used.delete(cached.id)
      this.#cache.remove(one.name)
      for (const listener of this.#listeners) listener(one)
    }
  }

  /** Writes what waits: who was ended while that could not be written, and times of use. */
  #flush(): void {
    const { database, now } = this.#parts
    if (this.#unwritten.size > 0) {
      durably(database, () => {
        for (const { name, why } of this.#unwritten.values()) this.#table.remove({ name }, why, now())
      })
      this.#unwritten.clear()
    }
    if (this.#used.size === 0) return
    lazily(database, () => this.#table.setUsed(this.#used))
    this.#used.clear()
  }

  #try<T>(what: () => T, otherwise: T): T {
    try {
      return what()
    } catch (error) {
      this.#fault(error)
      return otherwise
    }
  }

  #fault(error: unknown): StoreFault {
    const fault = faultOf(error)
    this.#parts.onFault(fault)
    return fault
  }
}
