import { issuerOf } from '../../identity/authorities.ts'
import { letsIn, sessionState } from '../../identity/sessionRules.ts'
import type { Session } from '../../store/sessions/index.ts'
import type { Granted } from './openIdClient.ts'
import type { SignInParts } from './parts.ts'
import { actorOf } from './signInEvents.ts'

/** What came of asking whether a person may still come. `kept`: nobody could say. */
type Revalidated = 'renewed' | 'kept' | 'ended'

/** After a question without an answer the next one is asked not before so long, in milliseconds. */
const askAgainMs = 30_000
/** For so long nobody else is asked about after a question without an answer: thousands would wait for as many. */
const pauseMs = 5_000
/** Sessions of which is remembered that nobody could say. */
const mostUnanswered = 100_000

/** Asks Entra ID whether the people of sessions may still come, and takes over what it says anew: roles and groups. */
export class Revalidation {
  readonly #parts: SignInParts
  /** By name of the session. */
  readonly #asking = new Map<string, Promise<Revalidated>>()
  readonly #askAgainAt = new Map<string, number>()
  /** Until when Entra ID is taken to be away. */
  #pauseUntil = 0

  constructor(parts: SignInParts) {
    this.#parts = parts
    parts.store.onEnd(({ name }) => this.#askAgainAt.delete(name))
  }

  /**
   * The session as it is now, if it lets in; asks Entra ID first where that is due. Whatever state it is in, one question is
   * under way for it at most.
   *
   * @returns `unconfirmed` where Entra ID could not be asked for longer than the grace, `ended` where there is none
   *   any more
   */
  async confirm(session: Session): Promise<Session | 'unconfirmed' | 'ended'> {
    const { store, bounds, now, tenants, authority } = this.#parts
    const { tenantId } = session.identity
    // The database outlives the settings: what a tenant said that is not asked any more, or one that was played, counts no more.
    if (!tenants.includes(tenantId) || session.issuer !== issuerOf(tenantId, '2.0', authority)) {
      return this.#end(session, 'issuer-mismatch')
    }
    const askAgainAt = this.#askAgainAt.get(session.name)
    const state = sessionState({ ...session, ...(askAgainAt !== undefined && { askAgainAt }) }, bounds, now())
    if (letsIn(state)) return session
    switch (state) {
      case 'idle':
      case 'over':
        store.end({ name: session.name }, state)
        return 'ended'
      case 'due':
      case 'closed': {
        const came = await this.#once(session)
        if (came === 'ended') return 'ended'
        if (came === 'kept' && state === 'closed') return 'unconfirmed'
        return store.get(session.name) ?? 'ended'
      }
      default:
        return 'unconfirmed'
    }
  }

  #once(session: Session): Promise<Revalidated> {
    const known = this.#asking.get(session.name)
    if (known !== undefined) return known
    const asking = this.#ask(session).finally(() => this.#asking.delete(session.name))
    this.#asking.set(session.name, asking)
    return asking
  }

  async #ask(session: Session): Promise<Revalidated> {
    const { store, client, now } = this.#parts
    // Bounded on both sides: a clock that is set back must not make the pause longer.
    if (now() < this.#pauseUntil && this.#pauseUntil - now() <= pauseMs) return 'kept'
    const token = store.refreshToken(session.name)
    if (token === undefined) return this.#end(session, 'no-refresh-token')
    const grant = await client.refresh(token, session.identity.tenantId)
    if (grant.ok) return await this.#takeOver(session, grant.granted)
    const { failure } = grant
    if (failure.kind === 'refused') return this.#end(session, failure.error, failure.code)
    if (failure.kind !== 'unreachable') return this.#keep(session, failure.error)
    this.#pauseUntil = now() + pauseMs
    return this.#keep(session, failure.error, failure.retryAfterMs)
  }

  async #takeOver(session: Session, { idToken, refreshToken }: Granted): Promise<Revalidated> {
    const { store, idTokens, groups: directory } = this.#parts
    const { name, identity: before } = session
    const verdict = await idTokens.verify(idToken, { person: before })
    if (!verdict.ok) {
      const isOver = verdict.reason === 'other-person' || verdict.reason === 'tenant-not-allowed'
      if (isOver) return this.#end(session, verdict.reason)
      // The one before may not be good any more, where each is good once.
      if (refreshToken !== undefined) store.keepRefreshToken(name, refreshToken)
      return this.#keep(session, verdict.reason)
    }
    const groups = await directory.groupsOf(verdict.identity, true)
    const identity = { ...verdict.identity, sessionId: verdict.identity.sessionId ?? before.sessionId }
    const isRenewed = store.renew(name, { identity, groups, ...(refreshToken !== undefined && { refreshToken }) })
    // Ended in the meantime, or the disk is full: then what was said before holds on.
    if (!isRenewed) return store.get(name) === undefined ? 'ended' : this.#keep(session, 'store-failed')
    this.#askAgainAt.delete(name)
    this.#tell(session, 'ok', 'renewed')
    return 'renewed'
  }

  #end(session: Session, because: string, code?: string): 'ended' {
    this.#tell(session, 'denied', because, code)
    this.#parts.store.end({ name: session.name }, 'refused')
    return 'ended'
  }

  #keep(session: Session, because: string, retryAfterMs = askAgainMs): Revalidated {
    const { now } = this.#parts
    this.#askAgainAt.delete(session.name)
    this.#askAgainAt.set(session.name, now() + retryAfterMs)
    for (const oldest of this.#askAgainAt.keys()) {
      if (this.#askAgainAt.size <= mostUnanswered) break
      this.#askAgainAt.delete(oldest)
    }
    this.#tell(session, 'failed', because)
    return 'kept'
  }

  #tell({ name, identity }: Session, outcome: 'ok' | 'denied' | 'failed', reason: string, code?: string): void {
    this.#parts.recorder.tell({
      kind: 'authentication',
      activity: 'revalidate',
      outcome,
      reason,
      actor: actorOf(identity),
      session: name,
      ...(code !== undefined && { detail: { code } }),
    })
  }
}
